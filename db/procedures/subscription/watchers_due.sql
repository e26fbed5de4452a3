-- Who watches these accounts on a front end and has not been told what is so, whether it may be told now or later (held_until).
-- For api.lock_watchers and api.take_notifications. Of an account without rules of levels the versions are read once, and what is not due costs its row of data.watch. "offset 0" keeps the order of the joins, and each row probing the keys, whatever the sizes of
-- tables were when the plan was made. place, watch: ctid of the rows. (Inlined where it is called; its name comes after what it calls.)
create or replace function api.watchers_due(p_front_end_id int, p_account_ids bigint[], p_busy bigint[], p_now timestamptz)
returns table (
  place tid,
  watch tid,
  is_list boolean,
  full_due boolean,
  subscription_id bigint,
  account_id bigint,
  level text,
  version bigint,
  held_until timestamptz
)
language sql stable
as $$
  select s.place, w.watch, s.is_list, s.full_due, w.subscription_id, w.account_id, coalesce(w.level, r.level), coalesce(w.version, r.version),
    api.held_until(s.min_interval, s.full_due, s.notified_at, p_now)
  from (
    select w.*, coalesce(w.known_version, e.version) as version
    from (
      select a.id, e.levels, e.versions,
        exists (select from data.access_rule r where r.account_id = a.id and r.level is not null) as has_rules
      from unnest(p_account_ids) as a (id)
      join lateral (
        select array_agg(e.level) as levels, array_agg(e.version) as versions
        from data.event_state e
        where e.account_id = a.id and e.event = 'presence'
      ) as e on true
      offset 0
    ) as a
    join lateral (
      -- The level, unless rules say it.
      select w.ctid as watch, w.*, case
          when w.event not in ('presence', 'dialog') then ''
          when w.event = 'presence' and not a.has_rules then w.default_level
        end as level,
        case when w.event = 'presence' and not a.has_rules then a.versions[array_position(a.levels, w.default_level)] end as known_version
      from data.watch w
      where w.account_id = a.id
      offset 0
    ) as w on true
    left join lateral (
      select e.version from data.event_state e where w.level = '' and e.account_id = w.account_id and e.event = w.event and e.level = '' offset 0
    ) as e on true
    where w.level is null
      or coalesce(w.known_version, e.version) is not null
        and (w.notified_version is distinct from coalesce(w.known_version, e.version) or w.notified_level is distinct from w.level)
    offset 0
  ) as w
  join lateral (
    select s.ctid as place, s.*
    from data.subscription s
    where s.account_id = w.subscriber_id and s.id = w.subscription_id
    offset 0
  ) as s on s.front_end_id = p_front_end_id and s.expires_at > p_now and s.id not in (select unnest(p_busy))
  left join lateral (
    select l.level, case l.level when 'blocked' then 0 else e.version end as version
    from (select api.watch_level(w.event, w.account_id, w.subscriber_id, s.watcher, w.default_level) as level where w.level is null offset 0) as l
    left join lateral (
      select e.version from data.event_state e where e.account_id = w.account_id and e.event = w.event and e.level = l.level offset 0
    ) as e on true
  ) as r on true
  where w.level is not null
    or r.version is not null and (w.notified_version is distinct from r.version or w.notified_level is distinct from r.level);
$$;
