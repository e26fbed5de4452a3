-- Removes an account with all that belongs to it; its HTTP endpoints are told.
-- Lock order: the account row, then its endpoints and events.
-- Outcomes: removed, account_unknown. endpoints: how many have left.
create or replace function api.remove_account(p_user text, p_domain text) returns table (outcome text, endpoints int)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_account_id bigint;
  v_endpoints int;
begin
  select a.id into v_account_id from data.account a where a.id = api.account_id(p_user, p_domain) for update;
  if v_account_id is null then
    return query select 'account_unknown', 0;
    return;
  end if;

  with gone as (
    delete from data.endpoint e where e.account_id = v_account_id returning e.account_id, e.instance, e.transport
  ),
  told as (
    insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
    select g.account_id, nextval('data.endpoint_id'), now(), 'removed', 'deleted', g.instance from gone g where g.transport = 'HTTP'
  )
  select count(*) into v_endpoints from gone;
  delete from data.account where id = v_account_id;
  return query select 'removed', v_endpoints;
end
$$;
