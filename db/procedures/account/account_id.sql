-- The id of an address of record, or null. For the other procedures of this folder.
create or replace function api.account_id(p_user text, p_domain text) returns bigint
language sql stable
as $$
  select a.id
  from data.account a
  join data.domain d on d.id = a.domain_id
  where d.name = p_domain and a.user_part = p_user;
$$;
