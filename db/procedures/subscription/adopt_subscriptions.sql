-- Takes over what front ends that are dead or gone have left, at most p_limit: subscriptions on UDP come to p_front_end_id, in full;
-- those on connections go where their bindings are by now, or wait for them; those of HTTP streams end.
-- Lock order: subscriptions, as far as nobody holds them (skip locked: it never waits).
-- Answers one row: adopted (those on UDP), more (call again at once).
create or replace function api.adopt_subscriptions(p_front_end_id int, p_limit int) returns table (adopted int, more boolean)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_gone int[];
  v_accounts bigint[];
  v_subscriptions bigint[];
begin
  -- The front ends that hold any, one probe of the index each.
  with recursive holder as (
    (select s.front_end_id as id from data.subscription s where s.front_end_id is not null order by s.front_end_id limit 1)
    union all
    select (select s.front_end_id from data.subscription s where s.front_end_id > h.id order by s.front_end_id limit 1)
    from holder h
    where h.id is not null
  )
  select array_agg(h.id)
  into v_gone
  from holder h
  where h.id is not null
    and not exists (select from data.front_end f where f.id = h.id and f.state in ('serving', 'draining'));

  select array_agg(l.account_id), array_agg(l.id)
  into v_accounts, v_subscriptions
  from (
    select s.account_id, s.id from data.subscription s where s.front_end_id = any (v_gone) limit p_limit for update skip locked
  ) as l;

  delete from data.subscription s
  using unnest(v_accounts, v_subscriptions) as l (account_id, id)
  where s.account_id = l.account_id and s.id = l.id and s.transport = 'HTTP';

  update data.subscription s
  set front_end_id = e.front_end_id, transport = coalesce(e.transport, s.transport), flow = coalesce(e.flow, s.flow),
    received_from = coalesce(e.received_from, s.received_from), full_due = true
  from unnest(v_accounts, v_subscriptions) as l (account_id, id)
  join data.subscription o on o.account_id = l.account_id and o.id = l.id
  left join data.endpoint e
    on e.account_id = o.account_id and e.binding_key = o.binding_key and e.front_end_id <> all (v_gone)
  where s.account_id = l.account_id and s.id = l.id and s.transport <> 'UDP';

  update data.subscription s
  set front_end_id = p_front_end_id, full_due = true
  from unnest(v_accounts, v_subscriptions) as l (account_id, id)
  where s.account_id = l.account_id and s.id = l.id and s.transport = 'UDP';
  get diagnostics adopted = row_count;
  more := coalesce(cardinality(v_accounts), 0) >= p_limit;
  return next;
end
$$;
