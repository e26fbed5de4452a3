-- Locks the subscriptions on a front end that watch these accounts and are due, at most p_limit and one more. For api.take_notifications.
-- watchers: how many were due, of those looked at. lists: those of lists (ctid); the others one element each, with what they are to
-- be told. held_until: when the first is due that its minimal interval holds back, of all, if no more than p_limit were due.
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
  out versions bigint[],
  out held_until timestamptz
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
  select coalesce(max(d.number), 0), array_agg(d.place) filter (where d.is_list and d.place is not null), array_agg(d.place) filter (where d.is_one),
    array_agg(d.watch) filter (where d.is_one), array_agg(d.level) filter (where d.is_one), array_agg(d.version) filter (where d.is_one),
    min(d.held_until)
  into watchers, lists, subscriptions, watches, levels, versions, held_until
  from (
    select l.place, c.watch, c.is_list, c.level, c.version, c.number, c.held_until, not c.is_list and l.place is not null as is_one
    from (
      -- Counted as they come, so that no more are looked at than are wanted: who is held back takes nobody's place.
      select c.*, count(case when c.held_until is null then 1 end) over (rows between unbounded preceding and current row) as number
      from api.watchers_due(p_front_end_id, p_account_ids, p_busy, p_now) as c
    ) as c
    -- One that has changed a moment ago is held by who changes it, as it were: that one sees to it.
    left join lateral (
      select s.ctid as place from data.subscription s where s.ctid = c.place and c.held_until is null for no key update skip locked
    ) as l on true
    where c.number <= p_limit + 1
  ) as d;
  lists := (array(select distinct unnest(lists)))[:p_limit];
  subscriptions := subscriptions[:p_limit - coalesce(cardinality(lists), 0)];
  watches := watches[:p_limit - coalesce(cardinality(lists), 0)];
end
$$;
