-- Changes an account for an administrator in a session: its password, whether it is enabled, or both, or neither (null).
-- Lock order: as api.set_password and api.set_account_enabled.
-- Outcomes: changed, account_unknown, disabled_by_directory (nothing is changed), not_permitted (the session is closed, or its
-- account is no administrator now), the last row; before it endpoint_removed, one row for each
-- endpoint that left, and watched, one row for each account of which notifications are due.
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
) returns table (outcome text, account_id bigint, endpoint_id bigint, front_end_id int, flow text, instance text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account_id bigint := api.account_id(p_user, p_domain);
  v_permitted boolean := api.session_holds(p_admin_id, p_session_id, p_credential_version, 'admin');
  v_enabled record;
begin
  if not v_permitted or v_account_id is null then
    return query
    select case when v_permitted then 'account_unknown' else 'not_permitted' end, v_account_id, null::bigint, null::int, null, null;
    return;
  end if;

  for v_enabled in select * from api.set_account_enabled(p_user, p_domain, p_enabled) where p_enabled is not null loop
    if v_enabled.outcome = 'disabled_by_directory' then
      return query select v_enabled.outcome, v_account_id, null::bigint, null::int, null, null;
      return;
    elsif v_enabled.outcome in ('endpoint_removed', 'watched') then
      return query
      select v_enabled.outcome, v_enabled.account_id, v_enabled.endpoint_id, v_enabled.front_end_id, v_enabled.flow, v_enabled.instance;
    end if;
  end loop;
  if num_nonnulls(p_md5, p_sha_256, p_sha_512_256) > 0 then
    perform api.set_password(p_user, p_domain, p_md5, p_sha_256, p_sha_512_256);
  end if;
  return query select 'changed', v_account_id, null::bigint, null::int, null, null;
end
$$;
