-- Which accounts the Digest responses of a batch were made for (RFC 7616 §3.4.1), the version of their credentials, and the
-- HA1, in hexadecimal digits, that each was verified with.
--
-- One array element a request. A request without a response keeps its p_account_ids and p_credential_versions.
-- A response may be made with the account's own password or with one of its app passwords.
-- Null where the response is wrong, or the account unknown, disabled, or without a password of that algorithm: all of these
-- take the same work, so that time does not tell them apart; two microseconds more for each app password of an account.
-- p_algorithms: MD5, SHA-256. p_digested: what follows HA1 in what the response is the hash of, from its first colon on.
-- Nothing is locked: who changes anything by it compares the version again under the lock of the account's row.
create or replace function api.verify_digests(
  p_account_ids bigint[],
  p_credential_versions int[],
  p_users text[],
  p_domains text[],
  p_algorithms text[],
  p_digested text[],
  p_responses text[],
  out account_ids bigint[],
  out credential_versions int[],
  out ha1s text[]
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
-- As in api.use_nonce: one plan for ever, in which each request probes the indexes.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  -- A password of nobody's stands in for one that is not there.
  select
    array_agg(case when v.response is null or v.is_right then v.account_id end order by v.request),
    array_agg(v.credential_version order by v.request),
    array_agg(case when v.is_right then v.ha1 end order by v.request)
  into account_ids, credential_versions, ha1s
  from (
    -- One row a request: the password that is right, if any of them is.
    select distinct on (k.request) k.*,
      k.enabled and k.ha1 is not null and k.response = case k.algorithm
        when 'MD5' then md5(coalesce(k.ha1, repeat('-', 32)) || k.digested)
        when 'SHA-256' then encode(sha256(convert_to(coalesce(k.ha1, repeat('-', 64)) || k.digested, 'UTF8')), 'hex')
      end as is_right
    from (
      select r.request, r.algorithm, r.digested, r.response, a.enabled,
        coalesce(r.account_id, a.id) as account_id,
        coalesce(r.credential_version, a.credential_version) as credential_version,
        case r.algorithm when 'MD5' then encode(a.md5, 'hex') when 'SHA-256' then encode(a.sha_256, 'hex') end as ha1
      from unnest(p_account_ids, p_credential_versions, p_users, p_domains, p_algorithms, p_digested, p_responses)
        with ordinality as r (account_id, credential_version, user_part, domain, algorithm, digested, response, request)
      -- "offset 0" keeps the order of the joins: each request probes the indexes, also by a plan made while the tables were empty.
      left join lateral (
        select a.id, a.enabled, a.credential_version, c.md5, c.sha_256
        from data.domain d
        join data.account a on a.domain_id = d.id
        left join data.credential c on c.account_id = a.id
        where d.name = r.domain and a.user_part = r.user_part
        offset 0
      ) as a on true
      offset 0
    ) as k
    order by k.request, is_right desc nulls last
  ) as v;
end
$$;
