-- The flows of subscriptions are gone: they wait until their bindings register, or their watchers subscribe again. One that is on
-- another flow by now stays as it is; one whose binding is on another goes there (a front end that hung had moved it back).
-- Lock order: subscriptions, ascending.
create or replace function api.lose_subscriptions(p_account_ids bigint[], p_subscription_ids bigint[], p_front_end_ids int[], p_flows text[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  with held as materialized (
    select s.account_id, s.id, s.binding_key, s.front_end_id, s.flow
    from unnest(p_account_ids, p_subscription_ids, p_front_end_ids, p_flows) as r (account_id, id, front_end_id, flow)
    join data.subscription s on s.account_id = r.account_id and s.id = r.id
    where s.front_end_id = r.front_end_id and s.flow = r.flow
    order by s.account_id, s.id
    for no key update of s
  )
  update data.subscription s
  set front_end_id = e.front_end_id, transport = coalesce(e.transport, s.transport), flow = coalesce(e.flow, s.flow),
    received_from = coalesce(e.received_from, s.received_from), full_due = true
  from held h
  left join data.endpoint e
    on e.account_id = h.account_id and e.binding_key = h.binding_key
    and (e.front_end_id, e.flow) <> (h.front_end_id, h.flow)
  where s.account_id = h.account_id and s.id = h.id;
end
$$;
