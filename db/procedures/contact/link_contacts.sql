-- Addresses are now of these accounts (null: of none): contacts know that, and list subscriptions cover what they are to.
-- Lock order: the owners of these contacts (api.contact_owners), held by the caller; then contacts and subscriptions.
create or replace function api.link_contacts(p_addresses text[], p_account_ids bigint[], p_now timestamptz default now()) returns void
language plpgsql
as $$
declare
  v_owners bigint[] := api.contact_owners(p_addresses);
begin
  if v_owners = '{}' then
    return;
  end if;
  update data.contact c
  set contact_account_id = n.account_id
  from unnest(p_addresses, p_account_ids) as n (address, account_id)
  where c.address = n.address and not c.removed and c.contact_account_id is distinct from n.account_id;
  perform api.refresh_lists(v_owners, p_now);
end
$$;
