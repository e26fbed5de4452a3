-- Removes endpoints whose time has passed, at most p_limit a call; any front end may call it, one works at a time.
-- Nothing depends on it but the size of the table and the report: every reader compares expires_at with its own now.
--
-- It looks at rows whose expiry_check_at has come. Those refreshed since then are put off until their new expires_at.
-- Lock order: account rows, as far as nobody holds them (skip locked: it never waits, so it cannot deadlock); then endpoints, and
-- what watchers see.
-- Outcomes, one row for each endpoint looked at: removed, put_off. As many rows as p_limit: there may be more to do. Then one row
-- for each account of which notifications are due: changed.
create or replace function api.remove_expired_endpoints(p_limit int, p_now timestamptz default now())
returns table (
  outcome text,
  account_id bigint,
  endpoint_id bigint,
  uri text,
  instance text,
  call_id text,
  cseq bigint,
  expired_at timestamptz,
  front_end_id int,
  flow text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_accounts bigint[];
  v_binding_keys text[];
  v_locked bigint[];
  v_gone bigint[];
begin
  if not pg_try_advisory_xact_lock(hashtext('api.remove_expired_endpoints')) then
    return;
  end if;

  select array_agg(c.account_id), array_agg(c.binding_key)
  into v_accounts, v_binding_keys
  from (
    select e.account_id, e.binding_key
    from data.endpoint e
    where e.expiry_check_at <= p_now
    order by e.expiry_check_at
    limit p_limit
  ) as c;
  if v_accounts is null then
    return;
  end if;

  select array_agg(l.id) into v_locked
  from (
    select a.id from data.account a where a.id = any (v_accounts) order by a.id for no key update skip locked
  ) as l;

  -- Under the locks the rows are read again: a refresh may have come between.
  select array_agg(e.account_id) into v_gone
  from unnest(v_accounts, v_binding_keys) as c (account_id, binding_key)
  join data.endpoint e on e.account_id = c.account_id and e.binding_key = c.binding_key
  where e.account_id = any (v_locked) and e.expires_at <= p_now;

  return query
  with gone as (
    delete from data.endpoint e
    using unnest(v_accounts, v_binding_keys) as c (account_id, binding_key)
    where e.account_id = any (v_locked)
      and e.account_id = c.account_id
      and e.binding_key = c.binding_key
      and e.expires_at <= p_now
    returning e.*
  ),
  -- An HTTP endpoint is told.
  told as (
    insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
    select g.account_id, nextval('data.endpoint_id'), p_now, 'removed', 'expired', g.instance from gone g where g.transport = 'HTTP'
  )
  select 'removed', g.account_id, g.id, g.uri, g.instance, g.call_id, g.cseq, g.expires_at, g.front_end_id, g.flow from gone g;

  return query
  update data.endpoint e
  set expiry_check_at = e.expires_at
  from unnest(v_accounts, v_binding_keys) as c (account_id, binding_key)
  where e.account_id = any (v_locked)
    and e.account_id = c.account_id
    and e.binding_key = c.binding_key
    and e.expires_at > p_now
  returning 'put_off', e.account_id, e.id, e.uri, e.instance, e.call_id, e.cseq, null::timestamptz, null::int, null;

  return query
  select 'changed', c.account_id, null::bigint, null, null, null, null::bigint, null::timestamptz, null::int, null
  from unnest(api.endpoints_changed(v_gone, p_now, null)) as c (account_id);
end
$$;
