-- Changes an account for an administrator in a session: its password, whether it is enabled, or both, or neither (null).
-- Lock order: as api.set_password and api.set_account_enabled.
-- Outcomes: changed, account_unknown, not_permitted (the session is closed, or its account is no administrator now).
-- endpoints: how many have left.
create or replace function api.change_account_as_admin(
  p_admin_id bigint,
  p_session_id uuid,
  p_credential_version int,
  p_user text,
  p_domain text,
  p_enabled boolean,
  p_md5 bytea,
  p_sha_256 bytea,
  p_sha_512_256 bytea
) returns table (outcome text, endpoints int)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_endpoints int := 0;
begin
  if not api.session_holds(p_admin_id, p_session_id, p_credential_version, 'admin') then
    return query select 'not_permitted', 0;
    return;
  end if;
  if api.account_id(p_user, p_domain) is null then
    return query select 'account_unknown', 0;
    return;
  end if;

  if num_nonnulls(p_md5, p_sha_256, p_sha_512_256) > 0 then
    perform api.set_password(p_user, p_domain, p_md5, p_sha_256, p_sha_512_256);
  end if;
  if p_enabled is not null then
    v_endpoints := (select s.endpoints from api.set_account_enabled(p_user, p_domain, p_enabled) as s);
  end if;
  return query select 'changed', v_endpoints;
end
$$;
