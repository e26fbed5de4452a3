-- Registers, refreshes, removes and queries bindings for a batch of REGISTER requests, all or nothing for each request.
-- RFC 3261 §10.3 steps 6-8, RFC 5626 §6, RFC 3327 §5.3.
--
-- The first arrays hold one element a request; the accounts of a batch are distinct. A request names its account by id and
-- the version of its credentials, verified before, or brings a Digest response for api.verify_digests: user to response,
-- and neither id nor version. Its flow is null where the connection is gone: then it adds nothing. p_ages: ms since it came, null:
-- unknown. The binding arrays hold one element for each Contact header value and name their request by its ordinal from 1; a
-- request names a binding at most once. p_expires: seconds, 0 removes. p_paths: Path header values, separated by newlines. A
-- request that changes nothing is a query.
--
-- An HTTP endpoint that leaves is told by an event (data.endpoint_event).
-- Lock order: account rows, ascending id; endpoints and events only under the lock of their account; then subscriptions.
-- Outcomes, one or more rows a request, in any order:
--   registered   one row for each live endpoint of the account (one row with null endpoint_id when there is none); of
--                a Digest response with the account, the version of its credentials and the HA1 that it was verified with.
--                messages_waiting: for the account (api.take_messages); notifications_due: of the account, or to it
--                (api.take_notifications)
--   removed      beside registered: an endpoint that left because the account has p_maximum_endpoints newer ones; only
--                this row says which front end holds its flow
--   deleted      beside registered: an endpoint that this request removed, with the front end that holds its flow
--   wrong_credentials   of a Digest response: see api.verify_digests
--   credentials_changed, account_disabled, nonce_replayed: see api.use_nonce
--   too_many_contacts   the request alone adds more than p_maximum_endpoints
--   out_of_order        a binding was set by the same Call-ID with this or a higher CSeq; or over another connection since
--                the request came: its front end has hung, and the endpoint is elsewhere
-- After the last two nothing is changed, but the nonce is used.
create or replace function api.register(
  p_account_ids bigint[],
  p_credential_versions int[],
  p_nonce_ids bigint[],
  p_nonce_counts bigint[],
  p_call_ids text[],
  p_cseqs bigint[],
  p_remove_alls boolean[],
  p_maximum_endpoints int[],
  p_front_end_ids int[],
  p_flows text[],
  p_received_froms text[],
  p_user_agents text[],
  p_binding_requests int[],
  p_keys text[],
  p_uris text[],
  p_expires int[],
  p_qs smallint[],
  p_instances text[],
  p_reg_ids int[],
  p_paths text[],
  p_transports text[],
  p_parameters text[],
  p_users text[],
  p_domains text[],
  p_algorithms text[],
  p_digested text[],
  p_responses text[],
  p_now timestamptz default now(),
  p_ages int[] default null
) returns table (
  request int,
  outcome text,
  endpoint_id bigint,
  uri text,
  expires_in int,
  q smallint,
  instance text,
  reg_id int,
  parameters text,
  incarnation bigint,
  front_end_id int,
  flow text,
  account_id bigint,
  credential_version int,
  ha1 text,
  messages_waiting boolean,
  notifications_due boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- As in api.use_nonce: one plan for ever, by index, at any size of the tables.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_account_ids bigint[] := p_account_ids;
  v_credential_versions int[] := p_credential_versions;
  v_ha1s text[];
  v_outcomes text[];
  v_removes boolean := true = any (p_remove_alls);
  v_grown bigint[];
  v_moved bigint[];
  v_binding_keys text[];
  v_altered bigint[];
  v_changed bigint[];
  v_left text[];
  v_due bigint[];
  v_further bigint;
  v_waiting bigint[];
  v_request int;
begin
  if array_position(p_account_ids, null) is not null then
    select v.account_ids, v.credential_versions, v.ha1s
    into v_account_ids, v_credential_versions, v_ha1s
    from api.verify_digests(p_account_ids, p_credential_versions, p_users, p_domains, p_algorithms, p_digested, p_responses) as v;
  end if;
  v_outcomes := api.use_nonce(v_account_ids, v_credential_versions, p_nonce_ids, p_nonce_counts);

  for v_request in
    select b.request
    from unnest(p_binding_requests, p_expires) as b (request, expires)
    where b.expires > 0
    group by b.request
    having count(*) > p_maximum_endpoints[b.request]
  loop
    v_outcomes[v_request] := case v_outcomes[v_request] when 'accepted' then 'too_many_contacts' else v_outcomes[v_request] end;
  end loop;

  -- Steps 6 and 7: a binding that the same Call-ID set with this or a higher CSeq fails the whole request.
  for v_request in
    select b.request
    from unnest(p_binding_requests, p_keys, p_instances, p_reg_ids) as b (request, key, instance, reg_id)
    join data.endpoint e
      on e.account_id = v_account_ids[b.request]
      and e.binding_key = api.binding_key(b.key, b.instance, b.reg_id)
    where e.account_id = any (v_account_ids)
      and (
        e.call_id = p_call_ids[b.request] and e.cseq >= p_cseqs[b.request]
        or e.refreshed_at > p_now - p_ages[b.request] * interval '1 ms'
          and (e.front_end_id, e.flow) <> (p_front_end_ids[b.request], p_flows[b.request])
      )
      and e.expires_at > p_now
      and v_outcomes[b.request] = 'accepted'
  loop
    v_outcomes[v_request] := 'out_of_order';
  end loop;

  if v_removes then
    for v_request in
      select r.request
      from unnest(v_account_ids, p_call_ids, p_cseqs, p_remove_alls) with ordinality as r (account_id, call_id, cseq, remove_all, request)
      join data.endpoint e on e.account_id = r.account_id
      where e.account_id = any (v_account_ids)
        and r.remove_all
        and e.call_id = r.call_id
        and e.cseq >= r.cseq
        and e.expires_at > p_now
        and v_outcomes[r.request] = 'accepted'
    loop
      v_outcomes[v_request] := 'out_of_order';
    end loop;
  end if;

  -- Steps 6 and 7: "Contact: *" removes every binding, an expiration time of zero that one.
  if v_removes or 0 = any (p_expires) then
    return query
    select r.request, 'deleted', r.endpoint_id, r.uri, 0, r.q, r.instance, r.reg_id, r.parameters, r.incarnation, r.front_end_id, r.flow,
      null::bigint, null::int, null, null::boolean, null::boolean
    from api.remove_bindings(
      v_account_ids, p_remove_alls, v_outcomes, p_binding_requests, p_expires, p_keys, p_instances, p_reg_ids, p_now
    ) as r;
    -- Also where an endpoint had gone before: what it has published is taken back with it.
    select array_agg(l.account_id), array_agg(l.binding_key)
    into v_changed, v_left
    from (
      select v_account_ids[r.request] as account_id, null as binding_key
      from unnest(p_remove_alls, v_outcomes) with ordinality as r (remove_all, outcome, request)
      where r.outcome = 'accepted' and r.remove_all
      union all
      select v_account_ids[b.request], api.binding_key(b.key, b.instance, b.reg_id)
      from unnest(p_binding_requests, p_expires, p_keys, p_instances, p_reg_ids) as b (request, expires, key, instance, reg_id)
      where b.expires = 0 and v_outcomes[b.request] = 'accepted'
    ) as l;
  end if;

  -- Step 7: adds and updates. A row past its time is no binding any more: it becomes a new endpoint.
  with upserted as (
    insert into data.endpoint as e (
      account_id, id, incarnation, registered_at, refreshed_at, expires_at, expiry_check_at, cseq, front_end_id, reg_id, q,
      binding_key, call_id, uri, transport, flow, received_from, instance, parameters, user_agent, path
    )
    select
      v_account_ids[b.request], b.id, b.id, p_now, p_now, b.expires_at, b.expires_at, p_cseqs[b.request], p_front_end_ids[b.request],
      p_reg_ids[b.binding], p_qs[b.binding], api.binding_key(p_keys[b.binding], p_instances[b.binding], p_reg_ids[b.binding]),
      p_call_ids[b.request], p_uris[b.binding], p_transports[b.binding], p_flows[b.request], p_received_froms[b.request],
      p_instances[b.binding], p_parameters[b.binding], p_user_agents[b.request], string_to_array(p_paths[b.binding], E'\n')
    from (
      select binding, p_binding_requests[binding] as request, nextval('data.endpoint_id') as id,
        p_now + p_expires[binding] * interval '1 second' as expires_at
      from generate_series(1, cardinality(p_binding_requests)) as binding
      where p_expires[binding] > 0 and v_outcomes[p_binding_requests[binding]] = 'accepted'
    ) as b
    on conflict (account_id, binding_key) do update set
      id = case when e.expires_at > excluded.refreshed_at then e.id else excluded.id end,
      incarnation = case when e.expires_at > excluded.refreshed_at and e.call_id = excluded.call_id then e.incarnation else excluded.id end,
      registered_at = case when e.expires_at > excluded.refreshed_at then e.registered_at else excluded.registered_at end,
      refreshed_at = excluded.refreshed_at,
      expires_at = excluded.expires_at,
      expiry_check_at = least(e.expiry_check_at, excluded.expires_at),
      cseq = excluded.cseq,
      front_end_id = excluded.front_end_id,
      reg_id = excluded.reg_id,
      q = excluded.q,
      call_id = excluded.call_id,
      uri = excluded.uri,
      transport = excluded.transport,
      flow = excluded.flow,
      received_from = excluded.received_from,
      instance = excluded.instance,
      parameters = excluded.parameters,
      user_agent = excluded.user_agent,
      path = excluded.path,
      stale_at = null
    returning e.account_id, e.binding_key, e.registered_at = e.refreshed_at as is_new,
      (old.front_end_id, old.flow, old.transport, old.received_from) is distinct from (e.front_end_id, e.flow, e.transport, e.received_from) as has_moved,
      (old.uri, old.q) is distinct from (e.uri, e.q) as has_changed, e.expires_at < old.expires_at as ends_sooner
  )
  -- One that ends sooner is to be looked at sooner.
  select array_agg(u.account_id) filter (where u.is_new or u.ends_sooner), array_agg(u.account_id) filter (where u.has_moved),
    array_agg(u.binding_key) filter (where u.has_moved), array_agg(distinct u.account_id) filter (where u.has_changed and not u.is_new)
  into v_grown, v_moved, v_binding_keys, v_altered
  from upserted u
  where u.is_new or u.has_moved or u.has_changed or u.ends_sooner;

  -- The accounts that have grown keep their newest endpoints. Most have one or two: where all of them together have fewer
  -- beyond their first than one may have, there is no need to search for those that are too many.
  if v_grown is not null then
    select count(*) - count(distinct e.account_id)
    into v_further
    from data.endpoint e
    where e.account_id = any (v_grown) and e.expires_at > p_now;
  end if;
  if v_further >= (select min(maximum) from unnest(p_maximum_endpoints) as maximum) then
    return query
    with surplus as (
      select s.request, s.account_id, s.binding_key
      from (
        select r.request, e.account_id, e.binding_key, p_maximum_endpoints[r.request] as maximum,
          row_number() over (
            partition by e.account_id
            order by e.call_id = p_call_ids[r.request] and e.cseq = p_cseqs[r.request] desc, e.refreshed_at desc, e.id desc
          ) as place
        from unnest(v_account_ids) with ordinality as r (account_id, request)
        join data.endpoint e on e.account_id = r.account_id
        where e.account_id = any (v_grown)
          and e.expires_at > p_now
      ) as s
      where s.place > s.maximum
    ),
    gone as (
      delete from data.endpoint e
      using surplus s
      where e.account_id = any (v_grown)
        and e.account_id = s.account_id
        and e.binding_key = s.binding_key
      returning s.request::int, e.*
    ),
    told as (
      insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
      select g.account_id, nextval('data.endpoint_id'), p_now, 'removed', 'quota', g.instance from gone g where g.transport = 'HTTP'
    )
    select g.request, 'removed', g.id, g.uri, 0, g.q, g.instance, g.reg_id, g.parameters, g.incarnation, g.front_end_id, g.flow, null::bigint, null::int, null, null::boolean, null::boolean from gone g;
  end if;

  -- Watchers are told, and the subscriptions of an endpoint go where it is.
  if v_changed is not null then
    v_due := api.endpoints_changed(v_changed, p_now, v_left);
  end if;
  if v_grown is not null then
    v_due := v_due || api.endpoints_changed(v_grown, p_now, null);
  end if;
  if v_altered is not null then
    v_due := v_due || api.touch_event(v_altered, 'reg', p_now);
  end if;
  if v_moved is not null then
    v_due := v_due || api.move_subscriptions(v_moved, v_binding_keys);
  end if;
  if v_changed is not null then
    v_due := v_due || api.return_subscriptions(r.accounts, r.keys, r.front_ends, r.transports, r.flows, r.received_froms)
    from (
      select array_agg(v_account_ids[b.request]) as accounts, array_agg(api.binding_key(b.key, b.instance, b.reg_id)) as keys,
        array_agg(p_front_end_ids[b.request]) as front_ends, array_agg(b.transport) as transports, array_agg(p_flows[b.request]) as flows,
        array_agg(p_received_froms[b.request]) as received_froms
      from unnest(p_binding_requests, p_expires, p_keys, p_instances, p_reg_ids, p_transports)
        as b (request, expires, key, instance, reg_id, transport)
      -- The endpoint itself names its instance and reg-id (RFC 5626 §4.2); any other its URI.
      where b.expires = 0 and b.reg_id is not null and b.transport <> 'UDP' and p_flows[b.request] is not null
        and v_outcomes[b.request] = 'accepted'
    ) as r;
  end if;

  select array_agg(m.account_id) into v_waiting from data.message_queue m where m.account_id = any (v_account_ids);

  -- Step 8: the 200 lists all current bindings.
  return query
  select
    r.request::int,
    case when r.account_id is null then 'wrong_credentials' when r.outcome = 'accepted' then 'registered' else r.outcome end,
    e.id, e.uri, greatest(1, floor(date_part('epoch', e.expires_at - p_now)))::int, e.q, e.instance, e.reg_id, e.parameters, e.incarnation,
    null::int, null, case when r.ha1 is not null then r.account_id end, case when r.ha1 is not null then r.credential_version end, r.ha1,
    v_waiting is not null and r.account_id = any (v_waiting), v_due is not null and r.account_id = any (v_due)
  from unnest(v_account_ids, v_credential_versions, v_ha1s, v_outcomes) with ordinality as r (account_id, credential_version, ha1, outcome, request)
  left join data.endpoint e
    on e.account_id = r.account_id
    and e.account_id = any (v_account_ids)
    and e.expires_at > p_now
    and r.outcome = 'accepted';
end
$$;
