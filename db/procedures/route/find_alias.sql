-- The account that an alias belongs to; no row when there is none. For api.route.
create or replace function api.find_alias(p_user text, p_domain text) returns table (account_id bigint, enabled boolean)
language plpgsql stable
as $$
#variable_conflict use_column
declare
  v_domain_id int := (select d.id from data.domain d where d.name = p_domain);
begin
  return query
  select a.id, a.enabled
  from data.account a
  where a.id = (select l.account_id from data.account_alias l where l.domain_id = v_domain_id and l.user_part = p_user);
end
$$;
