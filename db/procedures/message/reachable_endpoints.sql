-- The endpoints of an account that may be reached at p_now. For the other procedures, which hold the lock of its row.
create or replace function api.reachable_endpoints(p_account_id bigint, p_now timestamptz)
returns table (endpoint_id bigint, front_end_id int, flow text, instance text, transport text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  select e.id, e.front_end_id, e.flow, e.instance, e.transport
  from data.endpoint e
  where e.account_id = p_account_id and e.expires_at > p_now and e.stale_at is null
  order by e.id;
end
$$;
