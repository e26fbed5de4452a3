-- Adds a domain that the pool serves; p_name in lower case.
-- Outcomes: created, exists.
create or replace function api.create_domain(p_name text) returns table (outcome text, domain_id int)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  insert into data.domain (name) values (p_name)
  on conflict (name) do nothing
  returning 'created', id;
  if not found then
    return query select 'exists', d.id from data.domain d where d.name = p_name;
  end if;
end
$$;
