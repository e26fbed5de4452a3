-- Locks what a change of an account's contacts needs, and tells of each address that would be new in its list which account it
-- is of (null: of none), which stays so until the transaction ends. For api.change_contacts.
-- An account or alias appears under a lock of its domain, which is held here for each address that is of none; it leaves under
-- the lock of its account.
-- Lock order: domains, ascending id; the account and those of new contacts, ascending id.
-- Raises serialization_failure when the list, or an address, changed while it waited: to be called again.
create or replace function api.lock_contacts(p_account_id bigint, p_addresses text[])
returns table (address text, account_id bigint)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_addresses text[];
  v_account_ids bigint[];
begin
  v_addresses := array(select n.address from unnest(p_addresses) as n (address) where not api.is_contact(p_account_id, n.address));
  perform from data.domain d
  where d.name in (select substring(n.address from '[^@]*$') from unnest(v_addresses) as n (address) where api.contact_account_id(n.address) is null)
  order by d.id
  for no key update;

  v_account_ids := array(
    select api.contact_account_id(n.address) from unnest(v_addresses) with ordinality as n (address, place) order by n.place
  );
  perform from data.account a where a.id = any (v_account_ids || p_account_id) order by a.id for no key update;

  if v_addresses is distinct from array(select n.address from unnest(p_addresses) as n (address) where not api.is_contact(p_account_id, n.address))
    or exists (
      select from unnest(v_addresses, v_account_ids) as n (address, account_id)
      where api.contact_account_id(n.address) is distinct from n.account_id
    )
  then
    raise exception 'the contacts or their accounts have changed meanwhile' using errcode = 'serialization_failure';
  end if;
  return query select n.address, n.account_id from unnest(v_addresses, v_account_ids) as n (address, account_id);
end
$$;
