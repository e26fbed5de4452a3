-- Whether an address is an account's own: its address of record or an alias of it. For api.route.
create or replace function api.is_address_of(p_account_id bigint, p_user text, p_domain text) returns boolean
language plpgsql stable
as $$
declare
  v_domain_id int := (select d.id from data.domain d where d.name = p_domain);
begin
  return exists (select from data.account a where a.id = p_account_id and a.domain_id = v_domain_id and a.user_part = p_user)
    or exists (
      select from data.account_alias l where l.domain_id = v_domain_id and l.user_part = p_user and l.account_id = p_account_id
    );
end
$$;
