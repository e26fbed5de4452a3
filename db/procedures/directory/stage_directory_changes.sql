-- Notes what a run has read; nothing counts before api.apply_directory_changes. The last change of an entry replaces earlier ones.
--   p_changes  [{"id", "kind": person | skipped | gone, "dn", "user", "domain", "enabled", "role", "passwordChangedAt", "signInName",
--              "groups", "person", "problem", "detail"}]
create or replace function api.stage_directory_changes(p_changes jsonb) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform api.hold_directory();
  insert into data.directory_change as c (
    entry_id, kind, dn, user_part, domain, enabled, role, password_changed_at, sign_in_name, groups, person, problem, detail
  )
  select distinct on (r.id) r.id, r.kind, r.dn, r.user_part, r.domain, coalesce(r.enabled, false), r.role, r.password_changed_at,
    r.sign_in_name, r.groups, r.person, r.problem, r.detail
  from rows from (
    jsonb_to_recordset(p_changes) as (
      "id" uuid, "kind" text, "dn" text, "user" text, "domain" text, "enabled" boolean, "role" text, "passwordChangedAt" timestamptz,
      "signInName" text, "groups" text[], "person" jsonb, "problem" text, "detail" text
    )
  ) with ordinality as r (
    id, kind, dn, user_part, domain, enabled, role, password_changed_at, sign_in_name, groups, person, problem, detail, place
  )
  order by r.id, r.place desc
  on conflict (entry_id) do update
  set kind = excluded.kind, dn = excluded.dn, user_part = excluded.user_part, domain = excluded.domain, enabled = excluded.enabled,
    role = excluded.role, password_changed_at = excluded.password_changed_at, sign_in_name = excluded.sign_in_name,
    groups = excluded.groups, person = excluded.person, problem = excluded.problem, detail = excluded.detail;
end
$$;
