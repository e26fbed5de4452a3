-- What is needed to verify the credentials of a batch of requests (RFC 3261 §22.4, RFC 8760).
-- One row for each password of an account that exists, or one without any; request is its ordinal from 1. Nothing is locked.
-- credential_id: 0 is the account's own password, any other is an app password.
create or replace function api.find_credentials(p_users text[], p_domains text[])
returns table (
  request int, account_id bigint, enabled boolean, credential_version int, credential_id int, md5 bytea, sha_256 bytea, sha_512_256 bytea
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
-- As in api.use_nonce: one plan for ever, which a function in SQL would not keep (a quarter of a millisecond each call).
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  return query
  select r.request::int, a.id, a.enabled, a.credential_version, a.credential_id, a.md5, a.sha_256, a.sha_512_256
  from unnest(p_users, p_domains) with ordinality as r (user_part, domain, request)
  -- "offset 0" keeps the order of the joins: each request probes the indexes.
  cross join lateral (
    select a.id, a.enabled, a.credential_version, c.id as credential_id, c.md5, c.sha_256, c.sha_512_256
    from data.domain d
    join data.account a on a.domain_id = d.id
    left join data.credential c on c.account_id = a.id
    where d.name = r.domain and a.user_part = r.user_part
    offset 0
  ) as a;
end
$$;
