-- What each access level sees, the least first.
create or replace function api.list_access_levels() returns table (
  level text,
  activity boolean,
  note boolean,
  calendar boolean,
  phone boolean,
  location boolean,
  device boolean,
  services boolean,
  person boolean
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select l.level, l.activity, l.note, l.calendar, l.phone, l.location, l.device, l.services, l.person from data.access_level l order by l.rank;
$$;
