-- The two doors. Roles belong to the whole server, so they are made wherever they are missing; another database may be
-- deployed on the same server at this moment.
do $$
declare
  v_role text;
begin
  foreach v_role in array array['rollcall_front_end', 'rollcall_admin'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      begin
        execute pg_catalog.format('create role %I nologin', v_role);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;
end
$$;
