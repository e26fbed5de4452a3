-- The address of record of an account and its aliases, user@domain. For the procedures that look access rules up.
create or replace function api.account_names(p_account_id bigint) returns text[]
language plpgsql stable
as $$
begin
  return array(
    select n.user_part || '@' || (select d.name from data.domain d where d.id = n.domain_id)
    from (
      select a.domain_id, a.user_part from data.account a where a.id = p_account_id
      union all
      select l.domain_id, l.user_part from data.account_alias l where l.account_id = p_account_id
    ) as n
  );
end
$$;
