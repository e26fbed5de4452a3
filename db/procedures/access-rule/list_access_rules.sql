-- The rules of an account as api.find_access_rules has them; no row when there is no account.
create or replace function api.list_access_rules(p_user text, p_domain text)
returns table (scope text, subject text, communication text, level text)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select r.scope, r.subject, r.communication, r.level
  from (select api.account_id(p_user, p_domain) as id) as a
  cross join api.find_access_rules(a.id) as r
  where a.id is not null;
end
$$;
