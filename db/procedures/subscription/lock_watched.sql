-- Locks the rows of the accounts that these subscriptions are about, where somebody is told of their watchers (lists are not among them).
-- For the procedures that remove subscriptions, before they lock those. Lock order: account rows, ascending id.
create or replace function api.lock_watched(p_subscriber_ids bigint[], p_subscription_ids bigint[]) returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  return array(
    select a.id
    from data.account a
    where a.id = any (array(
      select w.account_id
      from unnest(p_subscriber_ids, p_subscription_ids) as r (subscriber_id, subscription_id)
      join data.subscription o on o.account_id = r.subscriber_id and o.id = r.subscription_id and not o.is_list
      join data.watch w on w.subscriber_id = r.subscriber_id and w.subscription_id = r.subscription_id and w.event = 'presence'
      join data.event_state s on s.account_id = w.account_id and s.event = 'presence.winfo' and s.level = ''
    ))
    order by a.id
    for no key update
  );
end
$$;
