-- Roles, passwords that have changed in the directory, and whether accounts are enabled: where the directory says something else than
-- before; so what an administrator has disabled stays so. For api.apply_directory_changes, which holds the locks.
-- Rows: changed or disabled, one for each account whose credentials of before hold no more; then those of api.sign_out.
create or replace function api.change_directory_accounts(p_entry_ids uuid[], p_now timestamptz)
returns table (outcome text, account_id bigint, endpoint_id bigint, front_end_id int, flow text, instance text, user_part text, domain text)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_changed bigint[];
  v_disabled bigint[];
begin
  with changed as (
    update data.account a
    set role = coalesce(c.role, a.role), credential_version = a.credential_version + 1,
      enabled = case when c.enabled = e.enabled then a.enabled else c.enabled end
    from data.directory_change c
    join data.directory_entry e on e.entry_id = c.entry_id
    where c.entry_id = any (p_entry_ids) and a.id = e.account_id and c.kind in ('person', 'gone')
      and (
        c.role <> a.role
        or c.password_changed_at is distinct from e.password_changed_at and c.password_changed_at is not null
        or c.enabled <> e.enabled and c.enabled <> a.enabled
      )
    returning a.id, old.enabled and not new.enabled as is_disabled
  )
  select array_agg(c.id), array_agg(c.id) filter (where c.is_disabled) into v_changed, v_disabled from changed c;
  if v_changed is null then
    return;
  end if;
  return query
  select case when a.id = any (v_disabled) then 'disabled' else 'changed' end, a.id, null::bigint, null::int, null, null, a.user_part, d.name
  from data.account a join data.domain d on d.id = a.domain_id
  where a.id = any (v_changed);
  if v_disabled is not null then
    return query select s.*, null, null from api.sign_out(v_disabled, 'disabled', p_now) as s;
  end if;
end
$$;
