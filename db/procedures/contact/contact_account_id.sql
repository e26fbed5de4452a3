-- The account that user@domain is the address of record or an alias of, or null. For the other procedures of this folder.
create or replace function api.contact_account_id(p_address text) returns bigint
language plpgsql stable
as $$
declare
  v_domain text := substring(p_address from '[^@]*$');
  v_user text := left(p_address, -length(v_domain) - 1);
begin
  return coalesce(api.account_id(v_user, v_domain), (select l.account_id from api.find_alias(v_user, v_domain) as l));
end
$$;
