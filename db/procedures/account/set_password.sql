-- Replaces the password of an account: what was verified before no longer counts. Its app passwords stay.
-- Lock order: the account row.
-- Outcomes: changed, account_unknown.
create or replace function api.set_password(
  p_user text,
  p_domain text,
  p_md5 bytea,
  p_sha_256 bytea,
  p_sha_512_256 bytea
) returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_account_id bigint;
begin
  update data.account
  set credential_version = credential_version + 1
  where id = api.account_id(p_user, p_domain)
  returning id into v_account_id;
  if v_account_id is null then
    return query select 'account_unknown';
    return;
  end if;

  insert into data.credential (account_id, md5, sha_256, sha_512_256) values (v_account_id, p_md5, p_sha_256, p_sha_512_256)
  on conflict (account_id, id) do update set md5 = excluded.md5, sha_256 = excluded.sha_256, sha_512_256 = excluded.sha_512_256;
  return query select 'changed';
end
$$;
