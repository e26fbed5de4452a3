-- The domains that the pool serves, the first one made first.
create or replace function api.list_domains() returns table (domain_id int, name text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select d.id, d.name from data.domain d order by d.id;
$$;
