-- The accounts that have one of these addresses, or this account, in their contact lists, ascending: those whose rows are to be
-- locked, with others in one order, before an address comes or goes.
create or replace function api.contact_owners(p_addresses text[], p_account_id bigint default null) returns bigint[]
language plpgsql stable
as $$
begin
  return array(
    select c.account_id from data.contact c where c.address = any (p_addresses) and not c.removed
    union
    select c.account_id from data.contact c where c.contact_account_id = p_account_id and not c.removed
    order by 1
  );
end
$$;
