-- Gives an account another address: requests to it are routed to the account, whose own requests may be from it.
-- Lock order: the domain of the alias (accounts are added to it only under its shared lock), then the account row and
-- those of whoever has the alias as a contact, ascending id.
-- Outcomes: added, exists (an account or an alias has this address), account_unknown, domain_unknown (of the alias).
create or replace function api.add_alias(p_user text, p_domain text, p_alias_user text, p_alias_domain text)
returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_domain_id int;
  v_account_id bigint;
begin
  select d.id into v_domain_id from data.domain d where d.name = p_alias_domain for no key update;
  perform from data.account a
  where a.id = any (api.contact_owners(array[p_alias_user || '@' || p_alias_domain]) || api.account_id(p_user, p_domain))
  order by a.id
  for no key update;
  v_account_id := api.account_id(p_user, p_domain);
  if v_account_id is null then
    return query select 'account_unknown';
  elsif v_domain_id is null then
    return query select 'domain_unknown';
  elsif exists (select from data.account a where a.domain_id = v_domain_id and a.user_part = p_alias_user) then
    return query select 'exists';
  else
    insert into data.account_alias (domain_id, user_part, account_id) values (v_domain_id, p_alias_user, v_account_id)
    on conflict (domain_id, user_part) do nothing;
    if not found then
      return query select 'exists';
      return;
    end if;
    perform api.link_contacts(array[p_alias_user || '@' || p_alias_domain], array[v_account_id]);
    return query select 'added';
  end if;
end
$$;
