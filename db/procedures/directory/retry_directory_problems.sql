-- Stages entries again that the directory has not sent, whose domain was unknown or whose address belonged to another: where the
-- domain is there now and nobody has the address, or whoever has it may get another. For api.plan_directory_run.
create or replace function api.retry_directory_problems() returns void
language sql
as $$
  insert into data.directory_change (
    entry_id, kind, dn, user_part, domain, enabled, role, password_changed_at, sign_in_name, groups, person
  )
  select e.entry_id, 'person', e.dn, e.user_part, e.domain, e.enabled, e.role, e.password_changed_at, e.sign_in_name, e.groups, e.person
  from data.directory_entry e
  join data.domain d on d.name = e.domain
  left join data.account h on h.domain_id = d.id and h.user_part = e.user_part
  left join data.account_alias l on l.domain_id = d.id and l.user_part = e.user_part
  where e.problem in ('conflict', 'domain_unknown')
    and (l.account_id is null or l.account_id = e.account_id)
    and (
      h.id is null
      or h.id = e.account_id
      or exists (
        select from data.directory_entry o
        join data.directory_change c on c.entry_id = o.entry_id
        where o.account_id = h.id
      )
    )
    and not exists (select from data.directory_change c where c.entry_id = e.entry_id);
$$;
