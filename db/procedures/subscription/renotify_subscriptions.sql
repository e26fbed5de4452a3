-- Everything is due again to watchers on a front end that could not take a notification. p_cseqs: of that one: who has been told
-- something since then has it by now; null: in any case, as for lists, which are told of what changed alone.
-- Lock order: subscriptions, ascending.
create or replace function api.renotify_subscriptions(p_front_end_id int, p_account_ids bigint[], p_subscription_ids bigint[], p_cseqs bigint[])
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
    from unnest(p_account_ids, p_subscription_ids, p_cseqs) as r (account_id, id, cseq)
    join data.subscription s on s.account_id = r.account_id and s.id = r.id
    where s.front_end_id = p_front_end_id and not s.full_due and (r.cseq is null or s.cseq = r.cseq)
    order by s.account_id, s.id
    for no key update of s
  )
  update data.subscription s set full_due = true from held h where s.account_id = h.account_id and s.id = h.id;
end
$$;
