-- Lets the next run that is applied disable up to p_percent of the accounts, whatever its limit is.
create or replace function api.allow_directory_run(p_percent int) returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update data.directory set allowed_disable = p_percent;
$$;
