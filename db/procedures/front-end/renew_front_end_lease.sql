-- Renews a front end's lease from p_now on, and reports how many connections it holds. p_state: serving or draining, null
-- leaves it as it is.
-- Outcomes: renewed, gone (it was declared dead meanwhile: its connections count no more, and it must join again).
create or replace function api.renew_front_end_lease(
  p_front_end_id int,
  p_connections int,
  p_lease interval,
  p_now timestamptz default now(),
  p_state text default null
) returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update data.front_end
  set connections = p_connections, renewed_at = p_now, lease_expires_at = p_now + p_lease, state = coalesce(p_state, state)
  where id = p_front_end_id and state in ('serving', 'draining');
  return query select case when found then 'renewed' else 'gone' end;
end
$$;
