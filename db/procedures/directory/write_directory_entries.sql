-- Notes what the directory says of the entries of a batch, after their accounts have followed. For api.apply_directory_changes.
create or replace function api.write_directory_entries(p_entry_ids uuid[], p_now timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  insert into data.directory_entry as e (
    entry_id, dn, account_id, user_part, domain, enabled, role, password_changed_at, sign_in_name, groups, person, problem, detail
  )
  select c.entry_id, c.dn, c.account_id, c.user_part, c.domain, c.enabled, c.role, c.password_changed_at, c.sign_in_name,
    coalesce(c.groups, '{}'), c.person, c.problem, c.detail
  from data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.kind = 'person'
  on conflict (entry_id) do update
  set dn = excluded.dn, account_id = excluded.account_id, user_part = excluded.user_part, domain = excluded.domain,
    enabled = excluded.enabled, role = excluded.role, password_changed_at = excluded.password_changed_at,
    sign_in_name = excluded.sign_in_name, groups = excluded.groups, person = excluded.person, problem = excluded.problem,
    detail = excluded.detail, gone_at = null;

  -- What it was like stays; it asks for no address now.
  insert into data.directory_entry as e (entry_id, dn, problem, detail)
  select c.entry_id, c.dn, c.problem, c.detail
  from data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.kind = 'skipped'
  on conflict (entry_id) do update
  set dn = excluded.dn, user_part = null, domain = null, problem = excluded.problem, detail = excluded.detail, gone_at = null;

  -- An entry that never had an account leaves nothing behind.
  delete from data.directory_entry e
  using data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.kind = 'gone' and e.entry_id = c.entry_id and e.account_id is null;
  update data.directory_entry e
  set gone_at = p_now, enabled = false, problem = null, detail = null
  from data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.kind = 'gone' and e.entry_id = c.entry_id and e.gone_at is null;
end
$$;
