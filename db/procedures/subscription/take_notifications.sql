-- Takes what is due to watchers on p_front_end_id (RFC 6665 §4.2.2): it says what is to be sent, and notes that it was. A
-- subscription is due in full, or when what its last notification said is not what watchers are told now; so nothing is
-- written for each watcher when something changes, and who is slow skips versions.
-- p_account_ids: those who watch them, and their own subscriptions that are due in full. p_subscriber_ids, p_subscription_ids:
-- these. p_since: what has changed since then, and all that is due in full. p_busy: not these. At most p_limit notifications,
-- and no further list once they have p_maximum resources.
--
-- Lock order: subscriptions, as far as nobody holds them (skip locked: it never waits, and who holds one sees to it); then what
-- they have been told, which changes only under those locks: the rows are found again by ctid, and one that has moved meanwhile
-- is told next time.
-- Answers one row for each notification, with its resource unless it is a list (address null: its target), and its dialog and place as
-- lines, the route set last: of many columns each costs more than it says; for each resource of
-- a list subscription_id, resource_id, address, name and level; for each state resource_id, event, level, resource_version and
-- state; then one row with more (call again) and next_at (when one that its minimal interval holds back is due).
create or replace function api.take_notifications(
  p_front_end_id int,
  p_account_ids bigint[],
  p_subscriber_ids bigint[],
  p_subscription_ids bigint[],
  p_since timestamptz,
  p_busy bigint[],
  p_limit int,
  p_now timestamptz default now(),
  p_maximum int default 5000
) returns table (
  subscription_id bigint,
  resource_id bigint,
  address text,
  name text,
  level text,
  resource_version bigint,
  state jsonb,
  subscriber_id bigint,
  watcher text,
  event text,
  event_id text,
  is_list boolean,
  target text,
  is_full boolean,
  version bigint,
  cseq bigint,
  dialog text,
  expires_in int,
  min_interval int,
  more boolean,
  next_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- As in api.route: one plan for ever, in which each row probes the indexes.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_accounts bigint[] := p_account_ids;
  v_busy bigint[] := coalesce(p_busy, '{}');
  v_due record;
  v_watchers record;
  v_resources record;
  v_told record;
  v_left int;
  v_places tid[];
begin
  v_due := api.lock_due(p_front_end_id, p_account_ids, p_subscriber_ids, p_subscription_ids, p_since, v_busy, p_limit, p_now);
  next_at := v_due.held_until;
  v_left := p_limit - coalesce(cardinality(v_due.places), 0);
  more := v_left < 0 or v_left = 0 and (p_account_ids is not null or p_since is not null);

  if v_left > 0 and p_since is not null then
    v_accounts := array(
      select distinct c.id
      from (select s.account_id as id from data.event_state s where s.changed_at >= p_since union all select unnest(p_account_ids)) as c
    );
  end if;
  v_watchers := api.lock_watchers(p_front_end_id, case when v_left > 0 then v_accounts end, v_busy, v_left, p_now);
  more := more or v_watchers.watchers > v_left and v_left > 0;

  v_places := (v_due.places)[:p_limit] || v_watchers.lists;
  loop
    v_resources := api.due_resources(
      v_places,
      -- Of few accounts each list is asked for these alone.
      case when p_subscriber_ids is null and cardinality(v_accounts) <= 16 then v_accounts end, p_maximum
    );
    exit when coalesce(cardinality(v_resources.places), 0) >= coalesce(cardinality(v_places), 0);
    if v_resources.subscriptions is not null or v_resources.full_lists is not null then
      more := true;
      exit;
    end if;
    -- Nothing of these is due. Who is named again would find the same, and never come to those behind them.
    v_places := v_places[cardinality(v_resources.places) + 1:];
  end loop;

  with told as (
    update data.watch w
    set notified_level = d.level, notified_version = d.version
    from unnest(
      v_resources.subscriptions || v_watchers.subscriptions, v_resources.watches || v_watchers.watches,
      v_resources.levels || v_watchers.levels, v_resources.versions || v_watchers.versions, v_resources.of_lists
    ) as d (place, watch, level, version, of_list)
    where w.ctid = d.watch
    returning d.place, coalesce(d.of_list, false) as of_list, w.subscription_id, w.account_id, w.address, w.name, w.event, d.level
  )
  select array_agg(t.place) as places, array_agg(t.of_list) as of_lists, array_agg(t.subscription_id) as subscriptions,
    array_agg(t.account_id) as accounts, array_agg(t.address) as addresses, array_agg(t.name) as names, array_agg(t.event) as events,
    array_agg(t.level) as levels
  into v_told
  from told t;

  return query
  update data.subscription s
  set cseq = s.cseq + 1, version = s.version + 1, notified_at = p_now, full_due = false
  from (
    select t.place, t.account_id, t.address, t.name, t.level
    from unnest(v_told.places, v_told.of_lists, v_told.accounts, v_told.addresses, v_told.names, v_told.levels)
      as t (place, of_list, account_id, address, name, level)
    where not t.of_list
    union all
    select t.place, null, null, null, null
    from (
      select t.place from unnest(v_told.places, v_told.of_lists) as t (place, of_list) where t.of_list
      union
      select unnest(v_resources.full_lists)
    ) as t
  ) as t
  where s.ctid = t.place
  returning new.id, t.account_id, nullif(t.address, s.target), t.name, t.level, null::bigint, null::jsonb, new.account_id, new.watcher, new.event,
    new.event_id, new.is_list, new.target, old.full_due, new.version, new.cseq,
    concat_ws(
      E'\n', new.call_id, new.local_tag, new.remote_tag, new.local_uri, new.remote_uri, new.local_target, new.remote_target,
      new.transport, new.flow, new.received_from, nullif(array_to_string(new.route_set, E'\n'), '')
    ),
    floor(date_part('epoch', new.expires_at - p_now))::int, new.min_interval, null::boolean, null::timestamptz;

  if v_told.places is not null then
    return query
    select t.id, t.account_id, t.address, t.name, t.level, null::bigint, null::jsonb, null::bigint, null, null, null, null::boolean, null,
      null::boolean, null::bigint, null::bigint, null, null::int, null::int, null::boolean, null::timestamptz
    from unnest(v_told.of_lists, v_told.subscriptions, v_told.accounts, v_told.addresses, v_told.names, v_told.levels)
      as t (of_list, id, account_id, address, name, level)
    where t.of_list
    union all
    -- Read after what it has been told: of the same version, or a later one, which is told once more.
    select null, t.account_id, null, null, t.level, coalesce(e.version, 0), coalesce(e.state, api.state_of(t.account_id, t.event, t.level, p_now)),
      null, null, t.event, null, null, null, null, null, null, null, null, null, null, null
    from (
      select distinct t.account_id, t.event, t.level from unnest(v_told.accounts, v_told.events, v_told.levels) as t (account_id, event, level)
    ) as t
    left join lateral (
      select * from data.event_state e where e.account_id = t.account_id and e.event = t.event and e.level = t.level offset 0
    ) as e on true;
  end if;

  if not more then
    next_at := least(next_at, v_watchers.held_until);
  end if;
  return next;
end
$$;
