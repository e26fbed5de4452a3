-- Disables or enables an account. A disabled one registers nothing, and its endpoints leave; those of HTTP are told.
-- Lock order: the account row, then its endpoints and events.
-- Outcomes: changed, unchanged, account_unknown. endpoints: how many have left.
create or replace function api.set_account_enabled(p_user text, p_domain text, p_enabled boolean)
returns table (outcome text, endpoints int)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_account_id bigint;
  v_enabled boolean;
  v_endpoints int := 0;
begin
  select a.id, a.enabled into v_account_id, v_enabled
  from data.account a
  where a.id = api.account_id(p_user, p_domain)
  for no key update;
  if v_account_id is null then
    return query select 'account_unknown', 0;
    return;
  end if;
  if v_enabled = p_enabled then
    return query select 'unchanged', 0;
    return;
  end if;

  update data.account set enabled = p_enabled, credential_version = credential_version + 1 where id = v_account_id;
  if not p_enabled then
    with gone as (
      delete from data.endpoint e where e.account_id = v_account_id returning e.account_id, e.instance, e.transport
    ),
    told as (
      insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
      select g.account_id, nextval('data.endpoint_id'), now(), 'removed', 'disabled', g.instance from gone g where g.transport = 'HTTP'
    )
    select count(*) into v_endpoints from gone;
  end if;
  return query select 'changed', v_endpoints;
end
$$;
