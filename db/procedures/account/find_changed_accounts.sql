-- Which credentials that were verified some time ago hold no more. One array element for each.
-- One row for each whose account was removed, is disabled, or has another credential version; request: its ordinal from 1.
create or replace function api.find_changed_accounts(p_account_ids bigint[], p_credential_versions int[])
returns table (request int)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
-- As in api.use_nonce: one plan for ever, by index, at any size of the table.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  return query
  select v.request::int
  from unnest(p_account_ids, p_credential_versions) with ordinality as v (account_id, credential_version, request)
  left join data.account a on a.id = v.account_id and a.id = any (p_account_ids)
  where a.id is null or not a.enabled or a.credential_version <> v.credential_version
  order by v.request;
end
$$;
