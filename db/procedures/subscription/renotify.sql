-- Everything is due again to all watchers on a front end, which may have taken notifications and not sent them.
-- Lock order: subscriptions, ascending.
create or replace function api.renotify(p_front_end_id int) returns void
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
    from data.subscription s
    where s.front_end_id = p_front_end_id and not s.full_due
    order by s.account_id, s.id
    for no key update
  )
  update data.subscription s set full_due = true from held h where s.account_id = h.account_id and s.id = h.id;
end
$$;
