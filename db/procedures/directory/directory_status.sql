-- The directory and its latest run, one row. holder: who has the lock now.
create or replace function api.directory_status()
returns table (
  holder text,
  held_since timestamptz,
  cookie_at timestamptz,
  run_started_at timestamptz,
  run_ended_at timestamptz,
  run_full boolean,
  run_outcome text,
  run_error_code text,
  run_error text,
  would_disable int,
  would_disable_of int,
  counts jsonb,
  last_applied_at timestamptz,
  last_full_at timestamptz,
  allowed_disable int,
  enabled int,
  disabled int,
  gone int,
  problems int
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select case when l.is_held then d.holder end, case when l.is_held then d.held_since end, d.cookie_at, d.run_started_at, d.run_ended_at,
    d.run_full, d.run_outcome, d.run_error_code, d.run_error, d.would_disable, d.would_disable_of, d.counts, d.last_applied_at,
    d.last_full_at, d.allowed_disable, a.enabled, a.disabled, a.gone,
    (select count(*)::int from data.directory_entry e where e.problem is not null)
  from data.directory d
  cross join lateral (
    select exists (
      select from pg_locks k
      where k.locktype = 'advisory' and k.granted and k.classid = 0x726f6c6c::oid and k.objid = 1 and k.objsubid = 2
        and k.database = (select b.oid from pg_database b where b.datname = current_database())
    ) as is_held
  ) as l
  cross join (
    select count(*) filter (where a.enabled)::int as enabled, count(*) filter (where not a.enabled and e.gone_at is null)::int as disabled,
      count(*) filter (where e.gone_at is not null)::int as gone
    from data.directory_entry e
    join data.account a on a.id = e.account_id
  ) as a;
$$;
