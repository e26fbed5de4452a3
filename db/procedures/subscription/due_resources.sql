-- What is due of subscriptions whose locks the caller holds (p_places: their ctid): all of those that are due in full, else what has
-- changed; of p_account_ids alone, unless null. Subscriptions follow in the order given until they have p_maximum resources
-- together; the first is always there. For api.take_notifications.
-- places, full_lists: the subscriptions that it came to, and those of them that are told even of nobody; the others, one element a resource.
create or replace function api.due_resources(
  p_places tid[],
  p_account_ids bigint[],
  p_maximum int,
  out places tid[],
  out full_lists tid[],
  out subscriptions tid[],
  out watches tid[],
  out levels text[],
  out versions bigint[],
  out of_lists boolean[]
)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  select array_agg(c.place), array_agg(c.place) filter (where c.is_list and c.full_due)
  into places, full_lists
  from (
    select s.ctid as place, s.is_list, s.full_due,
      sum(w.watches) over (order by p.place rows between unbounded preceding and current row) - w.watches as before
    from unnest(p_places) with ordinality as p (ctid, place)
    join data.subscription s on s.ctid = p.ctid
    join lateral (
      select case
          when not s.is_list then 1
          when not s.full_due and p_account_ids is not null then cardinality(p_account_ids)
          else (select count(*) from data.watch w where w.subscriber_id = s.account_id and w.subscription_id = s.id)
        end as watches
    ) as w on true
  ) as c
  where c.before < p_maximum;

  select array_agg(s.ctid), array_agg(w.watch), array_agg(w.level), array_agg(coalesce(e.version, 0)), array_agg(s.is_list)
  into subscriptions, watches, levels, versions, of_lists
  from unnest(places) as p (place)
  join data.subscription s on s.ctid = p.place
  join lateral (
    select w.*, case
        when w.event not in ('presence', 'dialog') then ''
        when w.event = 'presence' and not exists (select from data.access_rule r where r.account_id = w.account_id and r.level is not null)
          then w.default_level
        else api.watch_level(w.event, w.account_id, w.subscriber_id, s.watcher, w.default_level)
      end as level
    from (
      select w.ctid as watch, w.*
      from data.watch w
      where w.subscriber_id = s.account_id and w.subscription_id = s.id and (s.full_due or p_account_ids is null)
      union all
      select w.*
      from unnest(p_account_ids) as a (id)
      join lateral (
        select w.ctid as watch, w.*
        from data.watch w
        where w.account_id = a.id and w.event = 'presence' and w.subscriber_id = s.account_id and w.subscription_id = s.id
        offset 0
      ) as w on true
      where not s.full_due
    ) as w
    offset 0
  ) as w on true
  left join lateral (
    select e.version from data.event_state e where e.account_id = w.account_id and e.event = w.event and e.level = w.level offset 0
  ) as e on true
  where (e.version is not null or w.level = 'blocked')
    and (s.full_due or w.notified_level is distinct from w.level or w.notified_version is distinct from coalesce(e.version, 0));
end
$$;
