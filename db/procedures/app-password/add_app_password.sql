-- Gives an account another password, for one device, with HA1s as in api.import_accounts.
-- p_session_id and p_credential_version: of the session that asks; null for an administrator's command.
-- Nothing that was verified before is void by it, so credential_version stays.
-- Lock order: the account row.
-- Outcomes: added, too_many (it has p_maximum), session_closed, account_unknown.
create or replace function api.add_app_password(
  p_account_id bigint,
  p_session_id uuid,
  p_credential_version int,
  p_name text,
  p_md5 bytea,
  p_sha_256 bytea,
  p_sha_512_256 bytea,
  p_maximum int,
  p_now timestamptz default now()
) returns table (outcome text, id int)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_id int;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  if not found then
    return query select 'account_unknown', null::int;
  elsif p_session_id is not null and not api.session_holds(p_account_id, p_session_id, p_credential_version, null, p_now) then
    return query select 'session_closed', null::int;
  elsif (select count(*) from data.credential c where c.account_id = p_account_id and c.id > 0) >= p_maximum then
    return query select 'too_many', null::int;
  else
    insert into data.credential (account_id, id, name, created_at, md5, sha_256, sha_512_256)
    values (p_account_id, nextval('data.app_password_id'), p_name, p_now, p_md5, p_sha_256, p_sha_512_256)
    returning id into v_id;
    return query select 'added', v_id;
  end if;
end
$$;
