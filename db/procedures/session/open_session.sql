-- Opens a session for an account whose password was right. p_family_hash and p_secret_hash: of its refresh token.
-- An account keeps its p_maximum sessions that were refreshed last; expired ones leave.
-- Lock order: the account row, then its sessions.
-- Outcomes: opened, account_disabled, credentials_changed (since the password was checked; or no such account).
create or replace function api.open_session(
  p_account_id bigint,
  p_credential_version int,
  p_session_id uuid,
  p_family_hash bytea,
  p_secret_hash bytea,
  p_lifetime interval,
  p_maximum int,
  p_now timestamptz default now()
) returns table (outcome text, role text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_account data.account;
begin
  select * into v_account from data.account a where a.id = p_account_id for no key update;
  if v_account.id is null or v_account.credential_version <> p_credential_version then
    return query select 'credentials_changed', null::text;
    return;
  end if;
  if not v_account.enabled then
    return query select 'account_disabled', null::text;
    return;
  end if;

  delete from data.session s
  where s.account_id = p_account_id
    and (s.expires_at <= p_now or s.credential_version <> v_account.credential_version or s.id in (
      select o.id from data.session o where o.account_id = p_account_id order by o.refreshed_at desc, o.id offset p_maximum - 1
    ));
  insert into data.session (account_id, id, credential_version, family_hash, secret_hash, opened_at, refreshed_at, expires_at)
  values (p_account_id, p_session_id, p_credential_version, p_family_hash, p_secret_hash, p_now, p_now, p_now + p_lifetime);
  return query select 'opened', v_account.role;
end
$$;
