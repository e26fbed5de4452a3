-- Where the front ends of the pool are reached, oldest first. Those whose lease has run out are among them until they are
-- declared dead: they may only be late, and who asks for one finds out.
create or replace function api.find_front_ends() returns table (front_end_id int, addresses jsonb)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.id, f.addresses from data.front_end f where f.state in ('serving', 'draining') order by f.id;
$$;
