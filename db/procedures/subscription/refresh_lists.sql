-- The contacts of these accounts have changed: their list subscriptions are about the contacts of now, and due in full if that is
-- a change. For the other procedures, which hold the locks of the accounts' rows and publish their ids on the bus, topic presence.
-- Lock order: subscriptions, ascending; then the checks of contacts whose presence nobody has asked for yet, ascending: what
-- they do not know is told within a second (api.check_presence), since their accounts are not locked here.
create or replace function api.refresh_lists(p_account_ids bigint[], p_now timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_subscription record;
  v_changed bigint[];
begin
  for v_subscription in
    select s.account_id, s.id, s.event, s.watcher
    from data.subscription s
    where s.account_id = any (p_account_ids) and s.is_list
    order by s.account_id, s.id
    for no key update
  loop
    if api.add_watches(v_subscription.account_id, v_subscription.id, v_subscription.event, v_subscription.watcher, null, null) then
      update data.subscription s set full_due = true where s.account_id = v_subscription.account_id and s.id = v_subscription.id;
      v_changed := v_changed || v_subscription.id;
    end if;
  end loop;

  insert into data.presence_check as c (account_id, check_at)
  select distinct w.account_id, p_now
  from data.watch w
  where w.subscriber_id = any (p_account_ids)
    and w.subscription_id = any (v_changed)
    and not exists (
      select from data.event_state s where s.account_id = w.account_id and s.event = 'presence' and s.level = 'public'
    )
  order by w.account_id
  on conflict (account_id) do update set check_at = excluded.check_at where c.check_at > excluded.check_at;
end
$$;
