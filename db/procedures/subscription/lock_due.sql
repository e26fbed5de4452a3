-- Locks subscriptions on a front end that are to be looked at as a whole, at most p_limit and one more: those that are named, and,
-- for p_account_ids their own, for p_since all that are due in full. Arguments as of api.take_notifications.
-- held_until: when the first of those that are named is due that its minimal interval holds back.
create or replace function api.lock_due(
  p_front_end_id int,
  p_account_ids bigint[],
  p_subscriber_ids bigint[],
  p_subscription_ids bigint[],
  p_since timestamptz,
  p_busy bigint[],
  p_limit int,
  p_now timestamptz,
  out places tid[],
  out held_until timestamptz
)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  select array_agg(s.place) into places
  from (
    select l.place
    from (
      select s.account_id, s.id
      from unnest(p_account_ids) as a (id)
      join lateral (select * from data.subscription s where s.account_id = a.id offset 0) as s on s.full_due
      where s.front_end_id = p_front_end_id and s.expires_at > p_now
      union
      select s.account_id, s.id
      from unnest(p_subscriber_ids, p_subscription_ids) as r (account_id, id)
      join lateral (select * from data.subscription s where s.account_id = r.account_id and s.id = r.id offset 0) as s on true
      where s.front_end_id = p_front_end_id and s.expires_at > p_now and api.held_until(s.min_interval, s.full_due, s.notified_at, p_now) is null
      union
      (
        select s.account_id, s.id
        from data.subscription s
        where p_since is not null and s.front_end_id = p_front_end_id and s.full_due and s.expires_at > p_now
        limit p_limit + cardinality(p_busy) + 1
      )
    ) as d
    join lateral (
      select s.ctid as place, s.front_end_id
      from data.subscription s
      where s.account_id = d.account_id and s.id = d.id
      -- Else the index of front ends is read for each, by a plan made while the table was empty.
      offset 0
      for no key update skip locked
    ) as l on l.front_end_id = p_front_end_id
    where d.id not in (select unnest(p_busy))
    limit p_limit + 1
  ) as s;

  if p_subscriber_ids is not null then
    held_until := (
      select min(api.held_until(s.min_interval, s.full_due, s.notified_at, p_now))
      from unnest(p_subscriber_ids, p_subscription_ids) as r (account_id, id)
      join lateral (select * from data.subscription s where s.account_id = r.account_id and s.id = r.id offset 0) as s on true
      where s.front_end_id = p_front_end_id and s.expires_at > p_now and s.id not in (select unnest(p_busy))
    );
  end if;
end
$$;
