-- Whether user@domain is in an account's contact list.
create or replace function api.is_contact(p_account_id bigint, p_address text) returns boolean
language plpgsql stable
as $$
begin
  return exists (select from data.contact c where c.account_id = p_account_id and c.address = p_address and not c.removed);
end
$$;
