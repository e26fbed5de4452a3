-- Locks the subscriptions on a front end that watch these accounts and are due, at most p_limit and one more. For api.take_notifications.
-- lists: those of lists (ctid); the others one element each, with what they are to be told.
create or replace function api.lock_watchers(
  p_front_end_id int,
  p_account_ids bigint[],
  p_busy bigint[],
  p_limit int,
  p_now timestamptz,
  out watchers bigint,
  out lists tid[],
  out subscriptions tid[],
  out watches tid[],
  out levels text[],
  out versions bigint[]
)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_memoize = off
as $$
#variable_conflict use_column
begin
  select count(*), array_agg(d.place) filter (where d.is_list), array_agg(d.place) filter (where not d.is_list),
    array_agg(d.watch) filter (where not d.is_list),
    array_agg(d.level) filter (where not d.is_list), array_agg(d.version) filter (where not d.is_list)
  into watchers, lists, subscriptions, watches, levels, versions
  from (
    select l.place, c.watch, c.is_list, c.level, c.version
    from api.watchers_due(p_front_end_id, p_account_ids, p_busy, p_now) as c
    -- One that has changed a moment ago is held by who changes it, as it were: that one sees to it.
    join lateral (select s.ctid as place from data.subscription s where s.ctid = c.place for no key update skip locked) as l on true
    where c.held_until is null
    limit p_limit + 1
  ) as d;
  lists := (array(select distinct unnest(lists)))[:p_limit];
  subscriptions := subscriptions[:p_limit - coalesce(cardinality(lists), 0)];
  watches := watches[:p_limit - coalesce(cardinality(lists), 0)];
end
$$;
