-- What is new for a batch of event streams: one array element a stream. Nothing is locked.
-- p_afters: the number of the last event that the stream has sent; null: all of the present registration.
--
-- Outcomes, rows in the order in which they are to be sent:
--   event           one event; at most 100 a stream
--   caught_up       after them: event_id is what comes next in p_afters
--   session_closed  in its place, when the session, the account or its password is not what it was
--   endpoint_unknown  in its place, when p_after is null and the endpoint is not registered
create or replace function api.find_endpoint_events(
  p_account_ids bigint[],
  p_session_ids uuid[],
  p_credential_versions int[],
  p_instances text[],
  p_afters bigint[],
  p_now timestamptz default now()
) returns table (stream int, outcome text, event_id bigint, event text, reason text, occurred_at timestamptz)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_after bigint;
begin
  for v_stream in 1 .. cardinality(p_account_ids) loop
    v_after := coalesce(p_afters[v_stream], (
      select max(e.id)
      from data.endpoint e
      where e.account_id = p_account_ids[v_stream]
        and e.instance = p_instances[v_stream]
        and e.transport = 'HTTP'
        and e.expires_at > p_now
    ));
    if v_after is null then
      return query select v_stream, 'endpoint_unknown', null::bigint, null::text, null::text, null::timestamptz;
      continue;
    end if;

    for event_id, event, reason, occurred_at in
      select e.id, e.event, e.reason, e.occurred_at
      from data.endpoint_event e
      where e.account_id = p_account_ids[v_stream] and e.id > v_after and e.instance = p_instances[v_stream]
      order by e.id
      limit 100
    loop
      stream := v_stream;
      outcome := 'event';
      v_after := event_id;
      return next;
    end loop;

    return query
    select v_stream,
      case
        when api.session_holds(p_account_ids[v_stream], p_session_ids[v_stream], p_credential_versions[v_stream], null, p_now)
          then 'caught_up'
        else 'session_closed'
      end,
      v_after, null::text, null::text, null::timestamptz;
  end loop;
end
$$;
