-- Removes sessions that have expired, and events older than p_events_age, at most p_limit of each; any front end may call it.
-- Nothing depends on it but the size of the tables. It skips what others hold, so it never waits.
-- Lock order: sessions, events, as far as nobody holds them.
create or replace function api.remove_expired_sessions(
  p_limit int,
  p_events_age interval,
  p_now timestamptz default now()
) returns table (sessions int, events int)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_sessions int;
  v_events int;
begin
  delete from data.session s
  using (
    select o.account_id, o.id from data.session o where o.expires_at <= p_now order by o.expires_at limit p_limit for update skip locked
  ) as o
  where s.account_id = o.account_id and s.id = o.id;
  get diagnostics v_sessions = row_count;

  delete from data.endpoint_event e
  using (
    select o.account_id, o.id
    from data.endpoint_event o
    where o.occurred_at <= p_now - p_events_age
    order by o.occurred_at
    limit p_limit
    for update skip locked
  ) as o
  where e.account_id = o.account_id and e.id = o.id;
  get diagnostics v_events = row_count;
  return query select v_sessions, v_events;
end
$$;
