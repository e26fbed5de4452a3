-- The owner of all tables and procedures, who is no superuser and logs in nowhere: a procedure runs with its rights.
-- And the three doors: who may call what is in grants.sql. Roles belong to the whole server, so they are made wherever they are missing; another database may be
-- deployed on the same server at this moment.
do $$
declare
  v_role text;
begin
  foreach v_role in array array['rollcall_owner', 'rollcall_front_end', 'rollcall_admin', 'rollcall_replicator'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      begin
        execute pg_catalog.format('create role %I nologin', v_role);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;

  -- Whoever deploys becomes the owner for the rest of it; a superuser may already.
  if not pg_catalog.pg_has_role(current_user, 'rollcall_owner', 'set') then
    execute pg_catalog.format('grant rollcall_owner to %I', current_user);
  end if;
  -- And may start front ends and replicators, with their rights, if the roles are its to give.
  foreach v_role in array array['rollcall_front_end', 'rollcall_replicator'] loop
    if not pg_catalog.pg_has_role(current_user, v_role, 'set')
      and pg_catalog.pg_has_role(current_user, v_role, 'member with admin option') then
      execute pg_catalog.format('grant %I to %I', v_role, current_user);
    end if;
  end loop;
  if not pg_catalog.has_database_privilege('rollcall_owner', pg_catalog.current_database(), 'create') then
    execute pg_catalog.format('grant create on database %I to rollcall_owner', pg_catalog.current_database());
  end if;
end
$$;
