-- Ends subscriptions whose watchers have gone. p_cseqs: of the NOTIFY that was not answered: one that was refreshed or has moved
-- since then stays; null: in any case.
-- Lock order: account rows (api.lock_watched), then subscriptions, ascending.
-- Answers the accounts of which notifications are due.
create or replace function api.end_subscriptions(
  p_account_ids bigint[],
  p_subscription_ids bigint[],
  p_cseqs bigint[],
  p_now timestamptz default now()
) returns bigint[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_watched bigint[] := api.lock_watched(p_account_ids, p_subscription_ids);
begin
  with held as materialized (
    select s.account_id, s.id
    from unnest(p_account_ids, p_subscription_ids, p_cseqs) as r (account_id, id, cseq)
    join data.subscription s on s.account_id = r.account_id and s.id = r.id
    where r.cseq is null or s.cseq = r.cseq and not s.full_due
    order by s.account_id, s.id
    for update of s
  )
  delete from data.subscription s using held h where s.account_id = h.account_id and s.id = h.id;
  return api.touch_event(v_watched, 'presence.winfo', p_now);
end
$$;
