-- Stores, refreshes, changes and removes what endpoints publish of their users (RFC 3903 §6), for a batch of PUBLISH requests.
--
-- One array element a request. Who acts: an account whose credentials of that version were verified, or the one that has the
-- address p_users@p_domains. p_publication_ids and p_versions: the entity tag; null: a new publication. p_states: JSON; null: a
-- refresh or, with p_expires 0, a removal. p_front_end_ids with p_flows, or p_instances, name the endpoint that it is of; p_endpoint_ids:
-- what has registered on that connection before.
--
-- Lock order: account rows, ascending id; publications and what watchers see only under the lock of their account.
-- Outcomes, one row a request:
--   published   with the new entity tag; changed: notifications are due
--   no_match    no such publication any more, or another version of it
--   moved       a new publication over a connection that its endpoint has left for another: nobody would hear of its entity tag
--   not_own_address, unknown (no such account), disabled
--   credentials_changed  another password, or disabled, since they were verified; or no such account
create or replace function api.publish(
  p_account_ids bigint[],
  p_credential_versions int[],
  p_users text[],
  p_domains text[],
  p_target_users text[],
  p_target_domains text[],
  p_events text[],
  p_publication_ids bigint[],
  p_versions int[],
  p_states text[],
  p_expires int[],
  p_front_end_ids int[],
  p_flows text[],
  p_endpoint_ids bigint[],
  p_instances text[],
  p_now timestamptz default now()
) returns table (request int, outcome text, account_id bigint, publication_id bigint, version int, changed boolean)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_ids bigint[];
  v_account data.account;
  v_outcomes text[];
  v_publication_ids bigint[];
  v_versions int[];
  v_presence bigint[];
  v_dialogs bigint[];
  v_changed bigint[];
  v_binding_key text;
  v_stored record;
begin
  v_ids := array(
    select coalesce(r.account_id, api.find_account(r.user_part, r.domain))
    from unnest(p_account_ids, p_users, p_domains) with ordinality as r (account_id, user_part, domain, request)
    order by r.request
  );
  perform from data.account a where a.id = any (v_ids) order by a.id for no key update;

  for v_request in 1 .. cardinality(p_events) loop
    select * into v_account from data.account a where a.id = v_ids[v_request];
    v_outcomes[v_request] := case
      when p_account_ids[v_request] is null and v_account.id is null then 'unknown'
      when p_account_ids[v_request] is null and not v_account.enabled then 'disabled'
      when p_account_ids[v_request] is not null and (v_account.enabled and v_account.credential_version = p_credential_versions[v_request]) is not true
        then 'credentials_changed'
      when not api.is_address_of(v_account.id, p_target_users[v_request], p_target_domains[v_request]) then 'not_own_address'
      else 'published'
    end;
    continue when v_outcomes[v_request] <> 'published';

    v_binding_key := case
      when p_instances[v_request] is not null then (
        select e.binding_key
        from data.endpoint e
        where e.account_id = v_account.id and e.instance = p_instances[v_request] and e.expires_at > p_now
        limit 1
      )
      when p_flows[v_request] is not null then (
        select e.binding_key
        from data.endpoint e
        where e.account_id = v_account.id and e.front_end_id = p_front_end_ids[v_request] and e.flow = p_flows[v_request] and e.expires_at > p_now
        order by e.refreshed_at desc
        limit 1
      )
    end;
    -- A front end that hung has read it from a connection that is gone. In the transaction that gives a front end up its endpoints go.
    if v_binding_key is null and p_publication_ids[v_request] is null and p_endpoint_ids[v_request] is not null and (
        exists (
          select from data.endpoint e where e.account_id = v_account.id and e.id = p_endpoint_ids[v_request] and e.expires_at > p_now
        )
        or not exists (select from data.front_end f where f.id = p_front_end_ids[v_request] and f.state in ('serving', 'draining'))
      ) then
      v_outcomes[v_request] := 'moved';
      continue;
    end if;

    v_stored := api.store_publication(
      v_account.id, p_events[v_request], p_publication_ids[v_request], p_versions[v_request], p_states[v_request]::jsonb, p_expires[v_request],
      v_binding_key, p_now
    );
    v_outcomes[v_request] := v_stored.outcome;
    v_publication_ids[v_request] := v_stored.publication_id;
    v_versions[v_request] := v_stored.version;
    if v_stored.changed and p_events[v_request] = 'presence' then
      v_presence := v_presence || v_account.id;
    elsif v_stored.changed then
      v_dialogs := v_dialogs || v_account.id;
    end if;
  end loop;

  if v_presence is not null or v_dialogs is not null then
    -- Also for dialogs, whose publications are to be checked in time.
    v_changed := api.aggregate_presence(array(select distinct a.id from unnest(v_presence || v_dialogs) as a (id) order by a.id), p_now)
      || api.touch_event(v_dialogs, 'dialog', p_now);
  end if;
  return query
  select r.request::int, r.outcome, v_ids[r.request], r.publication_id, r.version, coalesce(v_ids[r.request] = any (v_changed), false)
  from unnest(v_outcomes, v_publication_ids, v_versions) with ordinality as r (outcome, publication_id, version, request)
  where r.request <= cardinality(p_events);
end
$$;
