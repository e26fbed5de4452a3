-- The aliases of an account, by domain and user part; one row of nulls when there is none, no row when there is no account.
create or replace function api.list_aliases(p_user text, p_domain text) returns table (user_part text, domain text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select l.user_part, d.name
  from (select api.account_id(p_user, p_domain) as id) as a
  left join data.account_alias l on l.account_id = a.id
  left join data.domain d on d.id = l.domain_id
  where a.id is not null
  order by d.name, l.user_part;
$$;
