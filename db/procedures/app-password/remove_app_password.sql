-- Takes an app password from an account. What any password proved is void: which one a connection came with is not known.
-- Sessions go on, since none is opened with an app password: their next access token is of the new version.
-- p_session_id and p_credential_version: as in api.add_app_password.
-- Lock order: the account row, then its sessions.
-- Outcomes: removed (credential_version grows), app_password_unknown, session_closed.
create or replace function api.remove_app_password(
  p_account_id bigint,
  p_session_id uuid,
  p_credential_version int,
  p_id int,
  p_now timestamptz default now()
) returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version int;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  if p_session_id is not null and not api.session_holds(p_account_id, p_session_id, p_credential_version, null, p_now) then
    return query select 'session_closed';
    return;
  end if;
  -- 0 is the account's own password.
  delete from data.credential c where c.account_id = p_account_id and c.id = p_id and p_id > 0;
  if not found then
    return query select 'app_password_unknown';
    return;
  end if;

  update data.account a
  set credential_version = a.credential_version + 1
  where a.id = p_account_id
  returning a.credential_version into v_version;
  update data.session s set credential_version = v_version where s.account_id = p_account_id and s.credential_version = v_version - 1;
  return query select 'removed';
end
$$;
