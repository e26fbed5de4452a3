-- Uses a refresh token, and puts p_new_secret_hash in its place: each is used once.
-- Lock order: the account row, then the session.
-- Outcomes: refreshed (with what the next access token says), session_unknown (also: expired, or the account has changed),
-- reused (the token was used before; the session is closed, since one of its two users is a thief).
create or replace function api.refresh_session(
  p_account_id bigint,
  p_session_id uuid,
  p_family_hash bytea,
  p_secret_hash bytea,
  p_new_secret_hash bytea,
  p_lifetime interval,
  p_now timestamptz default now()
) returns table (outcome text, user_part text, domain text, role text, credential_version int)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_account data.account;
  v_session data.session;
begin
  select * into v_account from data.account a where a.id = p_account_id for no key update;
  select * into v_session
  from data.session s
  where s.account_id = p_account_id and s.id = p_session_id and s.family_hash = p_family_hash;

  if v_session.id is null or v_session.expires_at <= p_now or not v_account.enabled
    or v_session.credential_version <> v_account.credential_version then
    return query select 'session_unknown', null::text, null::text, null::text, null::int;
    return;
  end if;
  if v_session.secret_hash <> p_secret_hash then
    delete from data.session s where s.account_id = p_account_id and s.id = p_session_id;
    return query select 'reused', null::text, null::text, null::text, null::int;
    return;
  end if;

  update data.session
  set secret_hash = p_new_secret_hash, refreshed_at = p_now, expires_at = p_now + p_lifetime
  where account_id = p_account_id and id = p_session_id;
  return query
  select 'refreshed', v_account.user_part, d.name, v_account.role, v_account.credential_version
  from data.domain d
  where d.id = v_account.domain_id;
end
$$;
