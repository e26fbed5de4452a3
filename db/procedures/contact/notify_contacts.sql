-- Tells accounts that they are added to another one's contacts: not again when they are added again, and not who has blocked
-- it. At most 1,000 notices wait for an account. For api.change_contacts, before it writes, under the locks of all of them.
-- Returns the accounts told.
create or replace function api.notify_contacts(p_account_id bigint, p_addresses text[], p_account_ids bigint[], p_now timestamptz)
returns bigint[]
language plpgsql
as $$
declare
  v_adder text;
  v_noticed bigint[];
begin
  select a.user_part || '@' || d.name into v_adder
  from data.account a
  join data.domain d on d.id = a.domain_id
  where a.id = p_account_id;

  with noticed as (
    insert into data.contact_notice (account_id, id, adder, occurred_at)
    select n.account_id, nextval('data.endpoint_id'), v_adder, p_now
    from unnest(p_addresses, p_account_ids) as n (address, account_id)
    where n.account_id <> p_account_id
      -- It was there, and was removed.
      and not exists (select from data.contact c where c.account_id = p_account_id and c.address = n.address)
      and api.access_level(n.account_id, p_account_id, v_adder, 'public') <> 'blocked'
      and (select count(*) from data.contact_notice o where o.account_id = n.account_id) < 1000
    on conflict (account_id, adder) do nothing
    returning account_id
  )
  select coalesce(array_agg(n.account_id), '{}') into v_noticed from noticed n;
  return v_noticed;
end
$$;
