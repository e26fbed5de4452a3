-- api.remove_account, asked for by an administrator in a session.
-- Lock order: as api.remove_account.
-- Outcomes: those of api.remove_account, and not_permitted (the session is closed, or its account is no administrator now).
create or replace function api.remove_account_as_admin(
  p_admin_id bigint,
  p_session_id uuid,
  p_credential_version int,
  p_user text,
  p_domain text
) returns table (outcome text, account_id bigint, endpoint_id bigint, front_end_id int, flow text, instance text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not api.session_holds(p_admin_id, p_session_id, p_credential_version, 'admin') then
    return query select 'not_permitted', null::bigint, null::bigint, null::int, null, null;
    return;
  end if;
  return query
  select r.outcome, r.account_id, r.endpoint_id, r.front_end_id, r.flow, r.instance from api.remove_account(p_user, p_domain) as r;
end
$$;
