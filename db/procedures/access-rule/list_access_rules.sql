-- The rules of an account: of users, of domains, of everyone; one row of nulls when there is none, no row when there is no
-- account.
create or replace function api.list_access_rules(p_user text, p_domain text)
returns table (scope text, subject text, communication text)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select r.scope, r.subject, r.communication
  from (select api.account_id(p_user, p_domain) as id) as a
  left join data.access_rule r on r.account_id = a.id
  where a.id is not null
  order by case r.scope when 'user' then 1 when 'domain' then 2 else 3 end, r.subject;
end
$$;
