-- The person or account of an address or an alias; no row when there is none that p_reader may see. Nothing is locked.
create or replace function api.find_person(p_reader bigint, p_user text, p_domain text)
returns table (
  address text,
  display_name text,
  given_name text,
  surname text,
  mail text,
  phones jsonb,
  title text,
  department text,
  company text,
  office text,
  manager text,
  photo_hash text,
  in_directory boolean
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select s.address, s.display_name, s.given_name, s.surname, s.mail, s.phones, s.title, s.department, s.company, s.office, s.manager,
    s.photo_hash, s.in_directory
  from api.show_people(array[api.find_account(p_user, p_domain)], p_reader) as s;
end
$$;
