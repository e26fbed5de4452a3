-- api.add_account, asked for by an administrator in a session.
-- Outcomes: those of api.add_account, and not_permitted (the session is closed, or its account is no administrator now).
create or replace function api.add_account_as_admin(
  p_admin_id bigint,
  p_session_id uuid,
  p_credential_version int,
  p_user text,
  p_domain text,
  p_role text,
  p_md5 bytea,
  p_sha_256 bytea,
  p_sha_512_256 bytea
) returns table (outcome text, account_id bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not api.session_holds(p_admin_id, p_session_id, p_credential_version, 'admin') then
    return query select 'not_permitted', null::bigint;
    return;
  end if;
  return query select a.outcome, a.account_id from api.add_account(p_user, p_domain, p_role, p_md5, p_sha_256, p_sha_512_256) as a;
end
$$;
