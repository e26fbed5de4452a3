-- A run has ended with an error: what it has applied stays, and the next one begins where this one did.
create or replace function api.fail_directory_run(p_code text, p_error text, p_now timestamptz default now()) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform api.hold_directory();
  update data.directory set run_ended_at = p_now, run_outcome = 'failed', run_error_code = p_code, run_error = p_error;
end
$$;
