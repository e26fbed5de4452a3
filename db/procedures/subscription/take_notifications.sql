-- Takes what is due to watchers on p_front_end_id (RFC 6665 §4.2.2): it says what is to be sent, and notes that it was. A
-- subscription is due in full, or when what its last notification said is not what watchers are told now; so nothing is
-- written for each watcher when something changes, and who is slow skips versions.
-- p_account_ids: those who watch them, and their own subscriptions that are due in full. p_subscriber_ids, p_subscription_ids:
-- these. p_since: what has changed since then, and all that is due in full. p_busy: not these.
--
-- Lock order: subscriptions, as far as nobody holds them (skip locked: it never waits, and who holds one sees to it); then what
-- they have been told.
-- Answers one row for each resource of a notification, the first with the subscription's columns; state only with the first row
-- of each account, event and level; then one row with null subscription_id: more (call again), next_at (when one that its
-- minimal interval holds back is due).
create or replace function api.take_notifications(
  p_front_end_id int,
  p_account_ids bigint[],
  p_subscriber_ids bigint[],
  p_subscription_ids bigint[],
  p_since timestamptz,
  p_busy bigint[],
  p_limit int,
  p_now timestamptz default now()
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
  call_id text,
  local_tag text,
  remote_tag text,
  local_uri text,
  remote_uri text,
  local_target text,
  remote_target text,
  route_set text,
  transport text,
  flow text,
  received_from text,
  expires_in int,
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
  v_due record;
  v_rows bigint := 0;
  v_subscribers bigint[];
  v_subscriptions bigint[];
begin
  v_due := api.find_due(p_front_end_id, p_account_ids, p_subscriber_ids, p_subscription_ids, p_since, p_busy, p_limit, p_now);
  select array_agg(l.account_id), array_agg(l.id)
  into v_subscribers, v_subscriptions
  from (
    select s.account_id, s.id
    from unnest(v_due.subscribers, v_due.subscriptions) as d (account_id, id)
    -- By its key, whatever else has an index.
    join lateral (
      select s.account_id, s.id, s.front_end_id
      from data.subscription s
      where s.account_id = d.account_id and s.id = d.id
      for no key update skip locked
    ) as s on s.front_end_id = p_front_end_id
    limit p_limit
  ) as l;

  if v_subscribers is not null then
    -- Under the locks all is read again: somebody else may have told them meanwhile.
    return query
    with due as materialized (
      select d.*,
        row_number() over (partition by d.subscription_id order by d.resource_id) as place,
        row_number() over (partition by d.resource_id, d.event, d.level) as of_state
      from (
        select s.account_id as subscriber_id, s.id as subscription_id, s.full_due, w.event,
          case when v.version is not null then w.account_id end as resource_id, w.address, w.name, w.level, v.version, v.state
        from unnest(v_subscribers, v_subscriptions) as l (account_id, id)
        join data.subscription s on s.account_id = l.account_id and s.id = l.id
        left join lateral (
          select w.*, case
              when w.event not in ('presence', 'dialog') then ''
              when w.event = 'presence'
                and (select true from data.access_rule r where r.account_id = w.account_id and r.level is not null limit 1) is null then w.default_level
              else api.watch_level(w.event, w.account_id, w.subscriber_id, s.watcher, w.default_level)
            end as level
          from data.watch w
          where w.subscriber_id = s.account_id and w.subscription_id = s.id
          offset 0
        ) as w on true
        left join lateral (
          select 0 as version, null::jsonb as state where w.level = 'blocked'
          union all
          select e.version, e.state
          from data.event_state e
          where e.account_id = w.account_id and e.event = w.event and e.level = w.level
        ) as v on true
        where s.full_due and (s.is_list or v.version is not null)
          or v.version is not null and (w.notified_level is distinct from w.level or w.notified_version is distinct from v.version)
      ) as d
    ),
    told as (
      update data.watch w
      set notified_level = d.level, notified_version = d.version
      from due d
      where w.account_id = d.resource_id and w.event = d.event and w.subscriber_id = d.subscriber_id and w.subscription_id = d.subscription_id
    ),
    counted as (
      update data.subscription s
      set cseq = s.cseq + 1, version = s.version + 1, notified_at = p_now, full_due = false
      from due d
      where d.place = 1 and s.account_id = d.subscriber_id and s.id = d.subscription_id
      returning d.resource_id, d.address, d.name, d.level, d.version as resource_version, d.state, d.of_state, d.full_due as is_full, s.*
    )
    select c.id, c.resource_id, c.address, c.name, c.level, c.resource_version,
      case when c.of_state > 1 or c.resource_id is null then null else coalesce(c.state, api.state_of(c.resource_id, c.event, c.level, p_now)) end,
      c.account_id, c.watcher, c.event, c.event_id, c.is_list, c.target, c.is_full, c.version, c.cseq, c.call_id, c.local_tag, c.remote_tag,
      c.local_uri, c.remote_uri, c.local_target, c.remote_target, array_to_string(c.route_set, E'\n'), c.transport, c.flow, c.received_from,
      floor(date_part('epoch', c.expires_at - p_now))::int, null::boolean, null::timestamptz
    from counted c
    union all
    select d.subscription_id, d.resource_id, d.address, d.name, d.level, d.version,
      case when d.of_state > 1 then null else coalesce(d.state, api.state_of(d.resource_id, d.event, d.level, p_now)) end,
      null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
    from due d
    where d.place > 1 and d.resource_id is not null;
    get diagnostics v_rows = row_count;
  end if;

  subscription_id := null;
  more := v_rows > 0 and cardinality(v_due.subscribers) > p_limit;
  next_at := v_due.next_at;
  return next;
end
$$;
