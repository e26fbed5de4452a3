-- Changes an account for an administrator in a session: its password, whether it is enabled, or both, or neither (null).
-- Lock order: as api.set_password and api.set_account_enabled.
-- Outcomes: changed, account_unknown, not_permitted (the session is closed, or its account is no administrator now), one
-- row; then endpoint_removed, one row for each endpoint that left; then watched, one row for each account of which notifications are due.
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
begin
  return query
  select case when not v_permitted then 'not_permitted' when v_account_id is null then 'account_unknown' else 'changed' end,
    v_account_id, null::bigint, null::int, null, null;
  if not v_permitted or v_account_id is null then
    return;
  end if;

  if num_nonnulls(p_md5, p_sha_256, p_sha_512_256) > 0 then
    perform api.set_password(p_user, p_domain, p_md5, p_sha_256, p_sha_512_256);
  end if;
  if p_enabled is not null then
    return query
    select s.outcome, s.account_id, s.endpoint_id, s.front_end_id, s.flow, s.instance
    from api.set_account_enabled(p_user, p_domain, p_enabled) as s
    where s.outcome in ('endpoint_removed', 'watched');
  end if;
end
$$;
