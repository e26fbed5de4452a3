-- The flows of subscriptions are gone: they wait until their bindings register, or their watchers subscribe again. One that is on
-- another flow by now stays as it is.
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
    select s.account_id, s.id
    from unnest(p_account_ids, p_subscription_ids, p_front_end_ids, p_flows) as r (account_id, id, front_end_id, flow)
    join data.subscription s on s.account_id = r.account_id and s.id = r.id
    where s.front_end_id = r.front_end_id and s.flow = r.flow
    order by s.account_id, s.id
    for no key update of s
  )
  update data.subscription s
  set front_end_id = null, full_due = true
  from held h
  where s.account_id = h.account_id and s.id = h.id;
end
$$;
