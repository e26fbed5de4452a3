-- Declares the front ends dead whose lease has run out; any front end may call it. One row for each.
-- Lock order: front-end rows, as far as nobody holds them.
create or replace function api.remove_dead_front_ends(p_now timestamptz default now())
returns table (front_end_id int, process_id int, addresses jsonb, renewed_at timestamptz)
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  delete from data.front_end f
  where f.id in (select d.id from data.front_end d where d.lease_expires_at <= p_now order by d.id for update skip locked)
  returning f.id, f.process_id, f.addresses, f.renewed_at;
$$;
