-- Takes the lock of the directory for this session, if nobody has it: whoever has it runs. It goes with the connection, and that
-- goes within 5 s of its host.
create or replace function api.lock_directory(p_holder text, p_now timestamptz default now()) returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config(s.name, s.value, false)
  from (values ('tcp_keepalives_idle', '1'), ('tcp_keepalives_interval', '1'), ('tcp_keepalives_count', '3'), ('tcp_user_timeout', '4000'))
    as s (name, value);
  -- The same numbers in api.hold_directory and api.directory_status.
  if not pg_try_advisory_lock(0x726f6c6c, 1) then
    return false;
  end if;
  update data.directory set holder = p_holder, held_since = p_now;
  return true;
end
$$;
