-- The accounts that have one of these addresses in their contact lists, ascending: those whose rows are to be locked, with
-- others in one order, before an address of theirs comes or goes.
create or replace function api.contact_owners(p_addresses text[]) returns bigint[]
language plpgsql stable
as $$
begin
  return array(select distinct c.account_id from data.contact c where c.address = any (p_addresses) and not c.removed order by 1);
end
$$;
