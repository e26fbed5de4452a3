-- The entries that were read as members of a group, by its DN as configured.
create or replace function api.known_members(p_group text) returns table (entry_id uuid)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select e.entry_id from data.directory_entry e where e.groups @> array[p_group] and e.gone_at is null;
$$;
