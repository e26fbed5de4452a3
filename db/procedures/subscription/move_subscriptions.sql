-- Endpoints have registered anew, or from another flow: the subscriptions of their bindings go on there, in full.
-- For the other procedures, which hold the locks of the accounts' rows.
-- Lock order: subscriptions, ascending. Answers the accounts whose subscriptions have moved.
create or replace function api.move_subscriptions(p_account_ids bigint[], p_binding_keys text[]) returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_accounts bigint[];
  v_subscriptions bigint[];
begin
  select array_agg(l.account_id), array_agg(l.id)
  into v_accounts, v_subscriptions
  from (
    select s.account_id, s.id
    from unnest(p_account_ids, p_binding_keys) as m (account_id, binding_key)
    join data.subscription s on s.account_id = m.account_id and s.binding_key = m.binding_key
    order by s.account_id, s.id
    for no key update of s
  ) as l;
  if v_accounts is null then
    return '{}';
  end if;

  update data.subscription s
  set front_end_id = e.front_end_id, transport = e.transport, flow = e.flow, received_from = e.received_from, full_due = true
  from unnest(v_accounts, v_subscriptions) as m (account_id, id)
  join data.subscription o on o.account_id = m.account_id and o.id = m.id
  join data.endpoint e on e.account_id = o.account_id and e.binding_key = o.binding_key
  where s.account_id = m.account_id and s.id = m.id;
  return v_accounts;
end
$$;
