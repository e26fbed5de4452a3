-- Adds an account, with HA1s as in api.import_accounts.
-- Outcomes: added, exists (nothing is changed), domain_unknown.
create or replace function api.add_account(
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
#variable_conflict use_column
declare
  v_domain_id int := (select d.id from data.domain d where d.name = p_domain);
  v_account_id bigint;
begin
  if v_domain_id is null then
    return query select 'domain_unknown', null::bigint;
    return;
  end if;

  insert into data.account (domain_id, user_part, role) values (v_domain_id, p_user, p_role)
  on conflict (domain_id, user_part) do nothing
  returning id into v_account_id;
  if v_account_id is null then
    return query select 'exists', a.id from data.account a where a.domain_id = v_domain_id and a.user_part = p_user;
    return;
  end if;

  insert into data.credential (account_id, md5, sha_256, sha_512_256) values (v_account_id, p_md5, p_sha_256, p_sha_512_256);
  return query select 'added', v_account_id;
end
$$;
