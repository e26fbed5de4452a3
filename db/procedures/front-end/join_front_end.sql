-- A front end joins the pool: it gets an id, never given before, and a lease that it must renew.
-- p_addresses: where it is reached, by transport.
create or replace function api.join_front_end(
  p_process_id int,
  p_addresses jsonb,
  p_lease interval,
  p_now timestamptz default now()
) returns table (front_end_id int)
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into data.front_end (process_id, addresses, joined_at, renewed_at, lease_expires_at)
  values (p_process_id, p_addresses, p_now, p_now, p_now + p_lease)
  returning id;
$$;
