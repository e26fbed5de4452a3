-- Which subscriptions on a front end are due, at most p_limit and one more of each kind; arguments as of api.take_notifications, which looks
-- again under their locks. "offset 0" keeps the order of the joins: each row probes the keys. next_at: when the first of those is due that their minimal interval holds back.
create or replace function api.find_due(
  p_front_end_id int,
  p_account_ids bigint[],
  p_subscriber_ids bigint[],
  p_subscription_ids bigint[],
  p_since timestamptz,
  p_busy bigint[],
  p_limit int,
  p_now timestamptz,
  out subscribers bigint[],
  out subscriptions bigint[],
  out next_at timestamptz
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_accounts bigint[] := p_account_ids;
  v_full record;
begin
  if p_since is not null then
    v_accounts := v_accounts || array(select distinct s.account_id from data.event_state s where s.changed_at >= p_since);
  end if;

  -- What is due in full, also when nothing is told of it yet.
  select array_agg(s.account_id) as subscribers, array_agg(s.id) as subscriptions
  into v_full
  from (
    select s.account_id, s.id
    from unnest(p_account_ids) as a (id)
    join lateral (select * from data.subscription s where s.account_id = a.id offset 0) as s on s.full_due
    where s.front_end_id = p_front_end_id and s.expires_at > p_now
    union
    select s.account_id, s.id
    from unnest(p_subscriber_ids, p_subscription_ids) as r (account_id, id)
    join lateral (select * from data.subscription s where s.account_id = r.account_id and s.id = r.id offset 0) as s on true
    where s.front_end_id = p_front_end_id and s.expires_at > p_now
    union
    (
      select s.account_id, s.id
      from data.subscription s
      where p_since is not null and s.front_end_id = p_front_end_id and s.full_due and s.expires_at > p_now
      limit p_limit + 1
    )
  ) as s
  where s.id not in (select unnest(p_busy));

  select array_agg(d.subscriber_id) filter (where d.held_until is null), array_agg(d.subscription_id) filter (where d.held_until is null),
    min(d.held_until)
  into subscribers, subscriptions, next_at
  from (
    select d.subscriber_id, d.subscription_id,
      case when d.min_interval > 0 and not d.full_due and d.notified_at + d.min_interval * interval '1 ms' > p_now
        then d.notified_at + d.min_interval * interval '1 ms'
      end as held_until
    from (
      select w.account_id, w.event, w.subscriber_id, w.subscription_id, w.notified_level, w.notified_version, s.min_interval, s.full_due,
        s.notified_at, case
          when w.event not in ('presence', 'dialog') then ''
          when w.event = 'presence'
            and (select true from data.access_rule r where r.account_id = w.account_id and r.level is not null limit 1) is null then w.default_level
          else api.watch_level(w.event, w.account_id, w.subscriber_id, s.watcher, w.default_level)
        end as level
      from unnest(v_accounts) as a (id)
      join lateral (select * from data.watch w where w.account_id = a.id offset 0) as w on true
      join lateral (
        select * from data.subscription s where s.account_id = w.subscriber_id and s.id = w.subscription_id offset 0
      ) as s on true
      where s.front_end_id = p_front_end_id and s.expires_at > p_now and s.id not in (select unnest(p_busy))
      offset 0
    ) as d
    where d.notified_level is distinct from d.level
      or d.level <> 'blocked'
        and d.notified_version <> (
          select e.version from data.event_state e where e.account_id = d.account_id and e.event = d.event and e.level = d.level
        )
    limit p_limit + 1
  ) as d;

  if v_full.subscribers is not null or v_accounts is not null then
    select array_agg(d.subscriber_id), array_agg(d.subscription_id)
    into subscribers, subscriptions
    from (
      select distinct d.subscriber_id, d.subscription_id
      from unnest(v_full.subscribers || subscribers, v_full.subscriptions || subscriptions) as d (subscriber_id, subscription_id)
    ) as d;
  end if;
end
$$;
