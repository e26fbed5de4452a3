-- Disables or enables an account. A disabled one registers nothing, and its endpoints, publications and subscriptions leave.
-- Lock order: the account row, then its endpoints and events (an HTTP endpoint is told), then its subscriptions.
-- Outcomes: changed, unchanged or account_unknown, one row; then endpoint_removed, one row for each endpoint that left; then watched, one
-- row for each account of which notifications are due.
create or replace function api.set_account_enabled(p_user text, p_domain text, p_enabled boolean)
returns table (outcome text, account_id bigint, endpoint_id bigint, front_end_id int, flow text, instance text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_account_id bigint;
  v_enabled boolean;
begin
  select a.id, a.enabled into v_account_id, v_enabled
  from data.account a
  where a.id = api.account_id(p_user, p_domain)
  for no key update;
  if v_account_id is null then
    return query select 'account_unknown', null::bigint, null::bigint, null::int, null, null;
    return;
  end if;
  if v_enabled = p_enabled then
    return query select 'unchanged', v_account_id, null::bigint, null::int, null, null;
    return;
  end if;

  update data.account set enabled = p_enabled, credential_version = credential_version + 1 where id = v_account_id;
  return query select 'changed', v_account_id, null::bigint, null::int, null, null;
  if not p_enabled then
    return query
    with gone as (
      delete from data.endpoint e where e.account_id = v_account_id returning e.*
    ),
    told as (
      insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
      select g.account_id, nextval('data.endpoint_id'), now(), 'removed', 'disabled', g.instance from gone g where g.transport = 'HTTP'
    )
    select 'endpoint_removed', g.account_id, g.id, g.front_end_id, g.flow, g.instance from gone g;
    delete from data.publication p where p.account_id = v_account_id;
    return query
    select 'watched', w.account_id, null::bigint, null::int, null, null
    from unnest(api.endpoints_changed(array[v_account_id], now(), null)) as w (account_id);
    -- api.remove_expired_subscriptions tells their watchers.
    update data.subscription s set expires_at = now(), expiry_check_at = now() where s.account_id = v_account_id and s.expires_at > now();
  end if;
end
$$;
