-- Disables or enables an account. A disabled one registers nothing, and its endpoints, publications and subscriptions leave.
-- Lock order: the account row, then as api.sign_out, then the address book.
-- Outcomes: changed, unchanged, account_unknown or disabled_by_directory (it follows a directory, which has it disabled or has it no
-- more), one row; then endpoint_removed, one row for each endpoint that left; then watched, one
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

  if p_enabled and exists (select from data.directory_entry e where e.account_id = v_account_id and not e.enabled) then
    return query select 'disabled_by_directory', v_account_id, null::bigint, null::int, null, null;
    return;
  end if;

  update data.account set enabled = p_enabled, credential_version = credential_version + 1 where id = v_account_id;
  return query select 'changed', v_account_id, null::bigint, null::int, null, null;
  if not p_enabled then
    return query select s.* from api.sign_out(array[v_account_id], 'disabled', now()) as s;
  end if;
  perform api.write_people(array[v_account_id], now());
end
$$;
