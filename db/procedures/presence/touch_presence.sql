-- All watchers of these accounts are looked at again: their levels may have changed.
-- For the other procedures, which hold the locks of the accounts' rows. Answers the accounts that somebody may watch.
create or replace function api.touch_presence(p_account_ids bigint[], p_now timestamptz) returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_touched bigint[];
begin
  with touched as (
    update data.event_state s
    set changed_at = p_now
    where s.account_id = any (p_account_ids) and s.event in ('presence', 'dialog')
    returning s.account_id
  )
  select array_agg(distinct t.account_id) into v_touched from touched t;
  return coalesce(v_touched, '{}');
end
$$;
