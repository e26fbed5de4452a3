-- Of an address of record: what is needed to sign in with the directory's password. No row when there is no such account.
create or replace function api.find_sign_in(p_user text, p_domain text)
returns table (account_id bigint, enabled boolean, credential_version int, follows_directory boolean, sign_in_name text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select a.id, a.enabled, a.credential_version, e.entry_id is not null, e.sign_in_name
  from data.domain d
  join data.account a on a.domain_id = d.id
  left join data.directory_entry e on e.account_id = a.id
  where d.name = p_domain and a.user_part = p_user;
$$;
