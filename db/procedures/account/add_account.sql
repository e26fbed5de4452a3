-- Adds an account, with HA1s as in api.import_accounts.
-- Lock order: the domain, shared (api.add_alias says why); whoever has this address as a contact, ascending id.
-- Outcomes: added, exists (nothing is changed; an alias may have this address), domain_unknown.
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
  v_domain_id int;
  v_account_id bigint;
begin
  select d.id into v_domain_id from data.domain d where d.name = p_domain for share;
  if v_domain_id is null then
    return query select 'domain_unknown', null::bigint;
    return;
  end if;

  select l.account_id into v_account_id from data.account_alias l where l.domain_id = v_domain_id and l.user_part = p_user;
  if v_account_id is not null then
    return query select 'exists', v_account_id;
    return;
  end if;

  perform from data.account a where a.id = any (api.contact_owners(array[p_user || '@' || p_domain])) order by a.id for no key update;
  insert into data.account (domain_id, user_part, role) values (v_domain_id, p_user, p_role)
  on conflict (domain_id, user_part) do nothing
  returning id into v_account_id;
  if v_account_id is null then
    return query select 'exists', a.id from data.account a where a.domain_id = v_domain_id and a.user_part = p_user;
    return;
  end if;

  insert into data.credential (account_id, md5, sha_256, sha_512_256) values (v_account_id, p_md5, p_sha_256, p_sha_512_256);
  perform api.link_contacts(array[p_user || '@' || p_domain], array[v_account_id]);
  return query select 'added', v_account_id;
end
$$;
