-- Begins a run: nothing is staged. Answers where the last one that was applied has ended.
create or replace function api.begin_directory_run(p_full boolean, p_now timestamptz default now())
returns table (cookie bytea, cookie_at timestamptz, last_full_at timestamptz)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform api.hold_directory();
  -- Truncating costs more than looking, and most runs find nothing.
  if exists (select from data.directory_change) then
    truncate data.directory_change;
  end if;
  return query
  update data.directory
  set run_started_at = p_now, run_ended_at = null, run_full = p_full, run_outcome = null, run_error_code = null, run_error = null,
    would_disable = null, would_disable_of = null, counts = '{}'
  returning cookie, cookie_at, last_full_at;
end
$$;
