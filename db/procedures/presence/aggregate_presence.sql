-- Says anew what the levels see of accounts. For the other procedures, which hold the locks of their rows.
-- Answers the accounts of which something has changed.
create or replace function api.aggregate_presence(p_account_ids bigint[], p_now timestamptz) returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_changed bigint[];
begin
  -- The versions of rows that are made anew are higher than any before.
  with changed as (
    insert into data.event_state as s (account_id, event, level, version, changed_at, state)
    select p.account_id, 'presence', p.level, (date_part('epoch', p_now) * 1000)::bigint, p_now, p.state
    from api.presence_states(p_account_ids, p_now) as p
    on conflict (account_id, event, level) do update
    set version = s.version + 1, changed_at = excluded.changed_at, state = excluded.state
    where s.state is distinct from excluded.state
    returning s.account_id
  )
  select array_agg(distinct c.account_id) into v_changed from changed c;

  -- In ascending order, as api.refresh_lists does it without these locks.
  insert into data.presence_check as c (account_id, check_at)
  select a.account_id, n.check_at
  from unnest(p_account_ids) as a (account_id)
  join lateral (
    select min(t.expires_at) as check_at
    from (
      select e.expires_at from data.endpoint e where e.account_id = a.account_id and e.expires_at > p_now
      union all
      select p.expires_at from data.publication p where p.account_id = a.account_id and p.expires_at > p_now
    ) as t
  ) as n on n.check_at is not null
  order by a.account_id
  on conflict (account_id) do update set check_at = excluded.check_at where c.check_at > excluded.check_at;
  return coalesce(v_changed, '{}');
end
$$;
