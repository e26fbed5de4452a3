-- Makes sure that nobody else has the lock of the directory until this transaction ends. For the procedures that write what
-- api.lock_directory is about, before all other locks. Raises object_not_in_prerequisite_state when another session has it.
create or replace function api.hold_directory() returns void
language plpgsql
as $$
begin
  if not pg_try_advisory_xact_lock(0x726f6c6c, 1) then
    raise exception 'another replicator has the lock of the directory' using errcode = 'object_not_in_prerequisite_state';
  end if;
end
$$;
