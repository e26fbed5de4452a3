-- Locks an account and whoever has it, or one of these addresses, as a contact: before it, or an alias of it, goes.
-- Lock order: account rows, ascending id; for update, since the account may be deleted.
-- Raises serialization_failure when there were more of them meanwhile: to be called again.
create or replace function api.lock_contact_owners(p_account_id bigint, p_addresses text[] default '{}') returns void
language plpgsql
as $$
declare
  v_owners bigint[] := api.contact_owners(p_addresses, p_account_id);
begin
  perform from data.account a where a.id = any (v_owners || p_account_id) order by a.id for update;
  if not api.contact_owners(p_addresses, p_account_id) <@ v_owners then
    raise exception 'the account has become a contact meanwhile' using errcode = 'serialization_failure';
  end if;
end
$$;
