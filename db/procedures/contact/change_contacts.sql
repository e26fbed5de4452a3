-- Changes groups and contacts of an account, all or nothing.
--   p_groups    [{"id", "name", "position"}]: one that has the id, or without one the name, is changed; else it is made
--   p_contacts  [{"address": user@domain, "displayName", "note", "position", "groups": [id or name]}]
--   p_replace   these are all there is to be, in this order; else what they leave out stays as it is
--   p_removed   with p_replace and nothing else: the list as a document is not there afterwards (XCAP)
-- Lock order: as api.lock_contacts, then lists, groups, contacts, notices.
-- Outcomes, one row: changed (p_version after it; noticed: accounts that have a new notice), unchanged, conflict (the version
-- is not p_expected_version), group_unknown, group_exists, too_many_groups, too_many_contacts, credentials_changed (or the
-- account is disabled or removed). Raises serialization_failure: to be called again.
create or replace function api.change_contacts(
  p_account_id bigint,
  p_credential_version int,
  p_expected_version bigint,
  p_replace boolean,
  p_groups jsonb,
  p_contacts jsonb,
  p_removed_groups int[],
  p_removed_contacts text[],
  p_maximum_groups int,
  p_maximum_contacts int,
  p_removed boolean,
  p_now timestamptz default now()
) returns table (outcome text, version bigint, noticed bigint[])
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_new text[];
  v_new_accounts bigint[];
  v_version bigint;
  v_was_removed boolean;
  v_changes int;
begin
  select coalesce(array_agg(l.address), '{}'), array_agg(l.account_id)
  into v_new, v_new_accounts
  from api.lock_contacts(p_account_id, array(select distinct c ->> 'address' from jsonb_array_elements(p_contacts) as c order by 1)) as l;

  select l.version, l.removed into v_version, v_was_removed from data.contact_list l where l.account_id = p_account_id;
  v_version := coalesce(v_version, 0);
  if not exists (select from data.account a where a.id = p_account_id and a.enabled and a.credential_version = p_credential_version) then
    return query select 'credentials_changed', null::bigint, null::bigint[];
    return;
  elsif v_version <> p_expected_version then
    return query select 'conflict', v_version, null::bigint[];
    return;
  end if;

  noticed := api.notify_contacts(p_account_id, v_new, v_new_accounts, p_now);
  v_changes := api.write_contact_groups(p_account_id, v_version + 1, p_replace, p_groups, p_removed_groups, p_maximum_groups)
    + api.write_contacts(p_account_id, v_version + 1, p_replace, p_contacts, p_removed_contacts, v_new, v_new_accounts, p_maximum_contacts);
  if v_changes = 0 and (not p_replace or p_removed = coalesce(v_was_removed, true)) then
    return query select 'unchanged', v_version, '{}'::bigint[];
    return;
  end if;

  update data.contact_list l set version = v_version + 1, removed = p_removed where l.account_id = p_account_id;
  perform api.forget_removed_contacts(p_account_id);
  perform api.refresh_lists(array[p_account_id], p_now);
  perform api.touch_event(array[p_account_id], 'xcap-diff', p_now);
  return query select 'changed', v_version + 1, noticed;
exception
  -- What was written is taken back.
  when sqlstate 'RC001' then
    return query select sqlerrm, null::bigint, null::bigint[];
end
$$;
