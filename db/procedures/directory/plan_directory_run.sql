-- Looks at all that a run has staged before any of it counts, and says in which order it is applied. What changes nothing is dropped;
-- entries with a problem that may have ended are looked at again.
--   p_full     entries that were not staged are gone, but for those in or below p_elsewhere, which could not be read
--   p_percent  of the enabled accounts of the directory that a run may disable; one always
-- Outcomes, one row: planned (total: how many changes are to be applied), too_many (would of "of"; nothing is to be applied).
create or replace function api.plan_directory_run(p_full boolean, p_percent int, p_now timestamptz default now(), p_elsewhere text[] default '{}')
returns table (outcome text, total int, would int, "of" int)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Once in a run, of 0 or 50,000 changes: planned for what there is.
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  v_counts jsonb;
begin
  perform api.hold_directory();
  if p_full then
    insert into data.directory_change (entry_id, kind, enabled)
    select e.entry_id, 'gone', false
    from data.directory_entry e
    where e.gone_at is null and not exists (select from data.directory_change c where c.entry_id = e.entry_id)
      and not exists (
        select
        from unnest(p_elsewhere) as b (dn), regexp_replace(lower(b.dn), '\s*([,=])\s*', '\1', 'g') as branch,
          regexp_replace(lower(e.dn), '\s*([,=])\s*', '\1', 'g') as entry
        where entry = branch or right(entry, length(branch) + 1) = ',' || branch
      );
  end if;
  -- Between runs the table is empty, and plans of statements without parameters are kept: a plan for that takes a minute for 1,000
  -- changes. This makes new ones.
  if exists (select from data.directory_change) then
    analyze data.directory_change;
  end if;
  select jsonb_build_object(
      'entries', count(*), 'added', 0, 'changed', 0, 'disabled', 0, 'removed', 0, 'conflicts', 0,
      'skipped', count(*) filter (where c.kind = 'skipped')
    )
  into v_counts
  from data.directory_change c;

  update data.directory_change c set kind = 'gone' where c.kind = 'skipped' and c.problem = 'excluded';
  perform api.drop_unchanged_entries();
  perform api.retry_directory_problems();
  perform api.order_directory_moves();

  select count(*) into would
  from data.directory_change c
  join data.directory_entry e on e.entry_id = c.entry_id
  join data.account a on a.id = c.account_id
  where a.enabled and e.enabled and not c.enabled and c.kind <> 'skipped';
  if would > 1 then
    select count(*) into "of" from data.directory_entry e join data.account a on a.id = e.account_id where a.enabled;
    if would * 100 > "of" * (select greatest(p_percent, d.allowed_disable) from data.directory d) then
      update data.directory
      set run_ended_at = p_now, run_outcome = 'too_many', would_disable = would, would_disable_of = "of", counts = v_counts;
      return query select 'too_many', 0, would, "of";
      return;
    end if;
  end if;
  update data.directory set counts = v_counts;
  return query select 'planned', (select count(*)::int from data.directory_change), null::int, null::int;
end
$$;
