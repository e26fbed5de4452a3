-- Endpoints, publications and subscriptions of accounts leave: they are disabled, or have another address. For the procedures that
-- hold the locks of the accounts' rows.
-- Lock order: endpoints and events (an HTTP endpoint is told), then subscriptions.
-- Rows: endpoint_removed, one for each endpoint that left; watched, one for each account of which notifications are due.
create or replace function api.sign_out(p_account_ids bigint[], p_reason text, p_now timestamptz)
returns table (outcome text, account_id bigint, endpoint_id bigint, front_end_id int, flow text, instance text)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  with gone as (
    delete from data.endpoint e where e.account_id = any (p_account_ids) returning e.*
  ),
  told as (
    insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
    select g.account_id, nextval('data.endpoint_id'), p_now, 'removed', p_reason, g.instance from gone g where g.transport = 'HTTP'
  )
  select 'endpoint_removed', g.account_id, g.id, g.front_end_id, g.flow, g.instance from gone g;
  delete from data.publication p where p.account_id = any (p_account_ids);
  return query
  select 'watched', w.account_id, null::bigint, null::int, null, null
  from unnest(api.endpoints_changed(p_account_ids, p_now, null)) as w (account_id);
  -- api.remove_expired_subscriptions tells their watchers.
  update data.subscription s
  set expires_at = p_now, expiry_check_at = p_now
  where s.account_id = any (p_account_ids) and s.expires_at > p_now;
end
$$;
