-- Drops what a run has staged and would change nothing. For api.plan_directory_run.
create or replace function api.drop_unchanged_entries() returns void
language sql
as $$
  delete from data.directory_change c
  using data.directory_entry e
  where e.entry_id = c.entry_id
    and case c.kind
      when 'gone' then e.gone_at is not null
      when 'skipped' then e.gone_at is null and (e.dn, e.problem, e.detail) is not distinct from (c.dn, c.problem, c.detail)
      else e.gone_at is null and e.account_id is not null and e.problem is null
        and (e.dn, e.user_part, e.domain, e.enabled, e.role, e.password_changed_at, e.sign_in_name, e.groups, e.person)
          is not distinct from (c.dn, c.user_part, c.domain, c.enabled, c.role, c.password_changed_at, c.sign_in_name, c.groups, c.person)
    end;
  delete from data.directory_change c
  where c.kind = 'gone' and not exists (select from data.directory_entry e where e.entry_id = c.entry_id);
$$;
