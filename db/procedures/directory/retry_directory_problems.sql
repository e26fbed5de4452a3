-- Stages entries again that the directory has not sent, whose domain was unknown or whose address belonged to another, where that
-- may have ended: the domain is there now, and nobody has the address or whoever has it may get another, is staged, or is one of these
-- as well (a ring that somebody else's wish has blocked is free all at once). For api.plan_directory_run.
create or replace function api.retry_directory_problems() returns void
language sql
as $$
  with recursive stuck as materialized (
    select e.entry_id, e.account_id, nullif(h.id, e.account_id) as holder_id,
      e.problem = 'conflict' and exists (
        select from data.directory_entry o
        where o.domain = e.domain and o.user_part = e.user_part and o.entry_id <> e.entry_id and o.gone_at is null
          and not exists (select from data.directory_change c where c.entry_id = o.entry_id)
      ) as is_contested
    from data.directory_entry e
    join data.domain d on d.name = e.domain
    left join data.account h on h.domain_id = d.id and h.user_part = e.user_part
    left join data.account_alias l on l.domain_id = d.id and l.user_part = e.user_part
    where e.problem in ('conflict', 'domain_unknown')
      and (l.account_id is null or l.account_id = e.account_id)
      and not exists (select from data.directory_change c where c.entry_id = e.entry_id)
  ),
  -- Those who stay as they are, and who waits for them.
  staying (entry_id, account_id) as (
    select s.entry_id, s.account_id
    from stuck s
    where s.is_contested
      or s.holder_id is not null
        and not exists (select from stuck f where f.account_id = s.holder_id)
        and not exists (
          select from data.directory_entry o
          join data.directory_change c on c.entry_id = o.entry_id
          where o.account_id = s.holder_id
        )
    union
    select s.entry_id, s.account_id from staying f join stuck s on s.holder_id = f.account_id
  )
  insert into data.directory_change (
    entry_id, kind, dn, user_part, domain, enabled, role, password_changed_at, sign_in_name, groups, person
  )
  select e.entry_id, 'person', e.dn, e.user_part, e.domain, e.enabled, e.role, e.password_changed_at, e.sign_in_name, e.groups, e.person
  from stuck s
  join data.directory_entry e on e.entry_id = s.entry_id
  where s.entry_id not in (select f.entry_id from staying f);
$$;
