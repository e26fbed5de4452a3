-- Removes an account with all that belongs to it.
-- Lock order: the account row, then its endpoints.
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

  delete from data.endpoint where account_id = v_account_id;
  get diagnostics v_endpoints = row_count;
  delete from data.account where id = v_account_id;
  return query select 'removed', v_endpoints;
end
$$;
