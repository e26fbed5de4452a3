-- Whether an access token's session is open, and its account is as it was when the token was made: enabled, with the same
-- password and, where p_role is given, with that role. Nothing is locked: what was closed before is seen.
create or replace function api.session_holds(
  p_account_id bigint,
  p_session_id uuid,
  p_credential_version int,
  p_role text default null,
  p_now timestamptz default now()
) returns boolean
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return exists (
    select
    from data.account a
    join data.session s on s.account_id = a.id
    where a.id = p_account_id
      and a.enabled
      and a.credential_version = p_credential_version
      and (p_role is null or a.role = p_role)
      and s.id = p_session_id
      and s.credential_version = p_credential_version
      and s.expires_at > p_now
  );
end
$$;
