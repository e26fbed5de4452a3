-- The front ends of the pool at p_now, oldest first; those that have left are not among them.
-- state: serving, draining (it ends soon), or dead when the lease has run out.
create or replace function api.list_front_ends(p_now timestamptz default now())
returns table (
  front_end_id int,
  process_id int,
  state text,
  addresses jsonb,
  connections int,
  endpoints int,
  joined_at timestamptz,
  renewed_at timestamptz
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.id, f.process_id, case when f.lease_expires_at > p_now then f.state else 'dead' end, f.addresses, f.connections,
    coalesce(e.endpoints, 0), f.joined_at, f.renewed_at
  from data.front_end f
  left join (
    select e.front_end_id, count(*)::int as endpoints from data.endpoint e where e.expires_at > p_now group by e.front_end_id
  ) as e on e.front_end_id = f.id
  where f.state <> 'left'
  order by f.id;
$$;
