-- An account goes: its subscriptions expire now, as do those of others that are about it (api.remove_expired_subscriptions tells
-- their watchers, and removes them), and lists are due in full, without it. For api.remove_account, which holds the lock of its row.
-- Lock order: subscriptions, ascending. Answers the accounts of which notifications are due.
create or replace function api.forget_watches(p_account_id bigint, p_now timestamptz) returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_lists bigint[];
begin
  perform s.id
  from data.subscription s
  where (s.account_id, s.id) in (
    select w.subscriber_id, w.subscription_id from data.watch w where w.account_id = p_account_id
    union
    select o.account_id, o.id from data.subscription o where o.account_id = p_account_id
  )
  order by s.account_id, s.id
  for update;

  update data.subscription s set expires_at = p_now, expiry_check_at = p_now where s.account_id = p_account_id and s.expires_at > p_now;
  with gone as (
    delete from data.watch w where w.account_id = p_account_id returning w.subscriber_id, w.subscription_id
  ),
  told as (
    update data.subscription s
    set full_due = true,
      expires_at = case when s.is_list then s.expires_at else p_now end,
      expiry_check_at = case when s.is_list then s.expiry_check_at else p_now end
    from gone g
    where s.account_id = g.subscriber_id and s.id = g.subscription_id
    returning s.account_id, s.is_list
  )
  select array_agg(distinct t.account_id) into v_lists from told t where t.is_list;
  return coalesce(v_lists, '{}');
end
$$;
