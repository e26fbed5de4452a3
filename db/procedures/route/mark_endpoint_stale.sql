-- Leaves an endpoint that was not reached out of api.route until its next registration.
-- p_front_end_id, p_flow and p_refreshed_at (null: any): as api.route said; one that has registered since then is left alone.
-- Lock order: the account row, then the endpoint.
-- Outcomes: marked, unchanged (it has registered or left since then, or is marked already).
create or replace function api.mark_endpoint_stale(
  p_account_id bigint,
  p_endpoint_id bigint,
  p_front_end_id int,
  p_flow text,
  p_refreshed_at bigint,
  p_now timestamptz default now()
) returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  perform from data.account a where a.id = p_account_id for no key update;
  update data.endpoint e
  set stale_at = p_now
  where e.account_id = p_account_id
    and e.id = p_endpoint_id
    and e.front_end_id = p_front_end_id
    and e.flow = p_flow
    and (p_refreshed_at is null or (date_part('epoch', e.refreshed_at) * 1e6)::bigint = p_refreshed_at)
    and e.expires_at > p_now
    and e.stale_at is null;
  return query select case when found then 'marked' else 'unchanged' end;
end
$$;
