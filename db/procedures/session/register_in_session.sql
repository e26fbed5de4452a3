-- Registers, refreshes (p_expires > 0) or removes (0) the HTTP endpoint p_instance of an account, if the session holds.
-- The endpoint is one like any other: api.register does it, with the same quota.
-- p_key and p_uri: of the binding, as in api.register. The Call-ID is of session and instance, the CSeq counts by itself.
--
-- Lock order: the account row, then its endpoints and events.
-- Outcomes, one or more rows:
--   registered        one row for each live endpoint of the account (one row with null endpoint_id when there is none);
--                     is_new: this request has made it; messages_waiting, notifications_due: as api.register
--   removed           beside registered: an endpoint that left because the account has p_maximum_endpoints newer ones
--   endpoint_unknown  to remove: it is not registered
--   session_closed    the session, the account or its password is not what it was
create or replace function api.register_in_session(
  p_account_id bigint,
  p_credential_version int,
  p_session_id uuid,
  p_instance text,
  p_key text,
  p_uri text,
  p_expires int,
  p_maximum_endpoints int,
  p_front_end_id int,
  p_received_from text,
  p_user_agent text,
  p_now timestamptz default now()
) returns table (outcome text, endpoint_id bigint, uri text, expires_in int, instance text, is_new boolean, front_end_id int, flow text, messages_waiting boolean, notifications_due boolean)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_call_id text := 'http/' || p_session_id || '/' || p_instance;
  v_endpoint data.endpoint;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  if not api.session_holds(p_account_id, p_session_id, p_credential_version, null, p_now) then
    return query select 'session_closed', null::bigint, null::text, null::int, null::text, null::boolean, null::int, null::text, null::boolean, null::boolean;
    return;
  end if;

  select * into v_endpoint
  from data.endpoint e
  where e.account_id = p_account_id and e.binding_key = api.binding_key(p_key, p_instance, null) and e.expires_at > p_now;
  if p_expires = 0 and v_endpoint.id is null then
    return query select 'endpoint_unknown', null::bigint, null::text, null::int, null::text, null::boolean, null::int, null::text, null::boolean, null::boolean;
    return;
  end if;

  return query
  select case r.outcome when 'registered' then 'registered' when 'removed' then 'removed' else 'session_closed' end,
    r.endpoint_id, r.uri, r.expires_in, r.instance, v_endpoint.id is null and r.uri = p_uri, r.front_end_id, r.flow,
    r.messages_waiting, r.notifications_due
  from api.register(
    p_account_ids => array[p_account_id],
    p_credential_versions => array[p_credential_version],
    p_nonce_ids => array[null::bigint],
    p_nonce_counts => array[null::bigint],
    p_call_ids => array[v_call_id],
    p_cseqs => array[case when v_endpoint.call_id = v_call_id then v_endpoint.cseq + 1 else 1 end],
    p_remove_alls => array[false],
    p_maximum_endpoints => array[p_maximum_endpoints],
    p_front_end_ids => array[p_front_end_id],
    p_flows => array['http'],
    p_received_froms => array[p_received_from],
    p_user_agents => array[p_user_agent],
    p_binding_requests => array[1],
    p_keys => array[p_key],
    p_uris => array[p_uri],
    p_expires => array[p_expires],
    p_qs => array[null::smallint],
    p_instances => array[p_instance],
    p_reg_ids => array[null::int],
    p_paths => array[''],
    p_transports => array['HTTP'],
    p_parameters => array[''],
    p_users => null,
    p_domains => null,
    p_algorithms => null,
    p_digested => null,
    p_responses => null,
    p_now => p_now
  ) as r
  where r.outcome <> 'deleted';

  if p_expires > 0 and v_endpoint.id is null then
    perform api.add_endpoint_event(p_account_id, p_instance, 'registered', null, p_now);
  end if;
end
$$;
