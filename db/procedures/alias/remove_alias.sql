-- Takes an alias from an account.
-- Lock order: the account row and those of whoever has the alias as a contact, ascending id; then the alias.
-- Outcomes: removed, alias_unknown (the account has no such alias), account_unknown. Raises serialization_failure: to be called again.
create or replace function api.remove_alias(p_user text, p_domain text, p_alias_user text, p_alias_domain text)
returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account_id bigint;
begin
  perform api.lock_contact_owners(api.account_id(p_user, p_domain), array[p_alias_user || '@' || p_alias_domain]);
  v_account_id := api.account_id(p_user, p_domain);
  delete from data.account_alias l
  using data.domain d
  where d.name = p_alias_domain and l.domain_id = d.id and l.user_part = p_alias_user and l.account_id = v_account_id;
  if found then
    perform api.link_contacts(array[p_alias_user || '@' || p_alias_domain], null);
    return query select 'removed';
    return;
  end if;
  return query select case when v_account_id is null then 'account_unknown' else 'alias_unknown' end;
end
$$;
