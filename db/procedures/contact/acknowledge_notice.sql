-- A notice that its account has seen goes. Lock order: the account row, then the notice. Returns whether there was one.
create or replace function api.acknowledge_notice(p_account_id bigint, p_credential_version int, p_id bigint) returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from data.account a
  where a.id = p_account_id and a.enabled and a.credential_version = p_credential_version
  for no key update;
  if not found then
    return null;
  end if;
  delete from data.contact_notice n where n.account_id = p_account_id and n.id = p_id;
  return found;
end
$$;
