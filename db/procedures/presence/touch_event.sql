-- Something has changed that watchers of an event package without levels are told, where anybody has ever watched.
-- For the other procedures, which hold the locks of the accounts' rows. Answers the accounts of which notifications may be due.
create or replace function api.touch_event(p_account_ids bigint[], p_event text, p_now timestamptz) returns bigint[]
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
    set version = s.version + 1, changed_at = p_now
    where s.account_id = any (p_account_ids) and s.event = p_event and s.level = ''
    returning s.account_id
  )
  select array_agg(t.account_id) into v_touched from touched t;
  return coalesce(v_touched, '{}');
end
$$;
