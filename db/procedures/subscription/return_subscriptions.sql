-- Bindings have been removed by their endpoints, over the connections named here, and lead nowhere any more: those of their
-- subscriptions that are elsewhere, where a front end that hung had moved them, or nowhere, come to that connection, in full.
-- For the other procedures, which hold the locks of the accounts' rows.
-- Lock order: subscriptions, ascending. Answers the accounts whose subscriptions have come.
create or replace function api.return_subscriptions(
  p_account_ids bigint[],
  p_binding_keys text[],
  p_front_end_ids int[],
  p_transports text[],
  p_flows text[],
  p_received_froms text[]
) returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_accounts bigint[];
begin
  with elsewhere as materialized (
    select s.account_id, s.id, r.front_end_id, r.transport, r.flow, r.received_from
    from unnest(p_account_ids, p_binding_keys, p_front_end_ids, p_transports, p_flows, p_received_froms)
      as r (account_id, binding_key, front_end_id, transport, flow, received_from)
    join data.subscription s on s.account_id = r.account_id and s.binding_key = r.binding_key
    where s.transport not in ('HTTP', 'UDP') and (s.front_end_id, s.flow) is distinct from (r.front_end_id, r.flow)
    order by s.account_id, s.id
    for no key update of s
  ),
  returned as (
    update data.subscription s
    set front_end_id = e.front_end_id, transport = e.transport, flow = e.flow, received_from = e.received_from, full_due = true
    from elsewhere e
    where s.account_id = e.account_id and s.id = e.id
    returning s.account_id
  )
  select array_agg(r.account_id) into v_accounts from returned r;
  return v_accounts;
end
$$;
