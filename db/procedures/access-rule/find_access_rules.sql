-- The rules of an account with their version (0: there never was one; removed: as a document they are not there): of users, of domains, of everyone; one row without a
-- scope when there is none.
create or replace function api.find_access_rules(p_account_id bigint)
returns table (version bigint, removed boolean, scope text, subject text, communication text, level text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(s.version, 0), coalesce(s.removed, true), r.scope, r.subject, r.communication, r.level
  from (select p_account_id as id) as a
  left join data.access_rule_set s on s.account_id = a.id
  left join data.access_rule r on r.account_id = a.id
  order by case r.scope when 'user' then 1 when 'domain' then 2 else 3 end, r.subject;
$$;
