-- Changes or replaces (p_replace) the access rules of an account for itself; p_rules as in api.write_access_rules.
-- p_removed: with p_replace and no rules: as a document they are not there afterwards (XCAP).
-- Lock order: the account row, then its rules and event states.
-- Outcomes: changed (version after it), unchanged, conflict (version is not p_expected_version), too_many_rules,
-- credentials_changed (or the account is disabled or removed).
create or replace function api.change_access_rules(
  p_account_id bigint,
  p_credential_version int,
  p_expected_version bigint,
  p_replace boolean,
  p_rules jsonb,
  p_maximum int,
  p_removed boolean,
  p_now timestamptz default now()
) returns table (outcome text, version bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_version bigint;
  v_outcome text;
begin
  perform from data.account a
  where a.id = p_account_id and a.enabled and a.credential_version = p_credential_version
  for no key update;
  if not found then
    return query select 'credentials_changed', null::bigint;
    return;
  end if;

  v_version := coalesce((select s.version from data.access_rule_set s where s.account_id = p_account_id), 0);
  if v_version <> p_expected_version then
    return query select 'conflict', v_version;
    return;
  end if;
  v_outcome := api.write_access_rules(p_account_id, p_replace, p_rules, p_maximum, p_now, p_removed);
  return query select v_outcome, case when v_outcome = 'changed' then v_version + 1 else v_version end;
end
$$;
