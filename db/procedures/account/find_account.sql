-- The account that an address of record or an alias leads to, or null.
create or replace function api.find_account(p_user text, p_domain text) returns bigint
language plpgsql stable
as $$
declare
  v_domain_id int := (select d.id from data.domain d where d.name = p_domain);
begin
  return coalesce(
    (select a.id from data.account a where a.domain_id = v_domain_id and a.user_part = p_user),
    (select l.account_id from data.account_alias l where l.domain_id = v_domain_id and l.user_part = p_user)
  );
end
$$;
