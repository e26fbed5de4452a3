-- Stores messages for accounts of which no endpoint took them (RFC 3428 §7, 202), until one comes or they expire.
--
-- One array element a message; the accounts of a call are distinct. p_request_hashes: the same request stored again, while
-- it still waits, is the same message; null: never the same. p_headers: JSON, [[name, value], …]. p_instances: for these HTTP
-- endpoints alone, separated by newlines; null: for whichever endpoint comes first. p_expires: seconds.
--
-- Lock order: account rows, ascending id; messages and queues only under the lock of their account. So a registration either
-- comes before, and its endpoint is in the answer, or after, and is told that messages wait.
-- Outcomes, one or more rows a message, in any order then `changed` for those of whose account notifications are due:
--   stored          one row for each endpoint that may be reached now (one row with null endpoint_id when there is none)
--   quota_exceeded  the account would have more than p_maximum_messages, or more than p_maximum_bytes of bodies and headers
--   unknown         no such account, or it is disabled
create or replace function api.store_messages(
  p_account_ids bigint[],
  p_senders text[],
  p_recipients text[],
  p_call_ids text[],
  p_request_hashes bytea[],
  p_content_types text[],
  p_headers text[],
  p_bodies bytea[],
  p_expires int[],
  p_instances text[],
  p_maximum_messages int[],
  p_maximum_bytes bigint[],
  p_now timestamptz default now()
) returns table (
  request int,
  outcome text,
  message_id bigint,
  endpoint_id bigint,
  front_end_id int,
  flow text,
  instance text,
  transport text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_locked bigint[];
  v_account_id bigint;
  v_bytes bigint;
  v_fits boolean;
  v_message_id bigint;
  v_changed bigint[];
begin
  select array_agg(l.id) into v_locked
  from (
    select a.id from data.account a where a.id = any (p_account_ids) and a.enabled order by a.id for no key update
  ) as l;

  for v_request in 1 .. cardinality(p_account_ids) loop
    v_account_id := p_account_ids[v_request];
    if (v_account_id = any (v_locked)) is not true then
      return query select v_request, 'unknown', null::bigint, null::bigint, null::int, null, null, null;
      continue;
    end if;

    v_message_id := (
      select m.id from data.message m where m.account_id = v_account_id and m.request_hash = p_request_hashes[v_request]
    );
    if v_message_id is null then
      v_bytes := octet_length(p_bodies[v_request]) + octet_length(p_headers[v_request]);
      v_fits := api.message_fits(v_account_id, v_bytes, p_maximum_messages[v_request], p_maximum_bytes[v_request]);
      if not v_fits then
        perform api.forget_messages(
          v_account_id, array(select m.id from data.message m where m.account_id = v_account_id and m.expires_at <= p_now), p_now
        );
        v_fits := api.message_fits(v_account_id, v_bytes, p_maximum_messages[v_request], p_maximum_bytes[v_request]);
      end if;
      if not v_fits then
        return query select v_request, 'quota_exceeded', null::bigint, null::bigint, null::int, null, null, null;
        continue;
      end if;

      v_message_id := nextval('data.endpoint_id');
      insert into data.message (
        account_id, id, stored_at, expires_at, request_hash, instances, sender, recipient, call_id, content_type, headers, body
      )
      values (
        v_account_id, v_message_id, p_now, p_now + p_expires[v_request] * interval '1 second', p_request_hashes[v_request],
        string_to_array(p_instances[v_request], E'\n'), p_senders[v_request], p_recipients[v_request], p_call_ids[v_request],
        p_content_types[v_request], p_headers[v_request]::json, p_bodies[v_request]
      );
      insert into data.message_queue as q (account_id, messages, bytes)
      values (v_account_id, 1, v_bytes)
      on conflict (account_id) do update set messages = q.messages + 1, bytes = q.bytes + excluded.bytes;
      v_changed := v_changed || v_account_id;
    end if;

    return query
    select v_request, 'stored', v_message_id, e.endpoint_id, e.front_end_id, e.flow, e.instance, e.transport
    from (values (1)) as one
    left join api.reachable_endpoints(v_account_id, p_now) as e on true;
  end loop;

  return query
  select array_position(p_account_ids, c.account_id), 'changed', null::bigint, null::bigint, null::int, null, null, null
  from unnest(api.touch_event(v_changed, 'message-summary', p_now)) as c (account_id);
end
$$;
