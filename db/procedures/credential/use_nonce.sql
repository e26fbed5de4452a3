-- Locks the accounts of verified requests and uses their nonces (RFC 7616 §3.4: a nonce count is used once).
--
-- One array element a request; the accounts of a call are distinct. A request without a nonce (a flow that has
-- authenticated already) passes null for its nonce id and count.
-- The locks stay until the transaction ends: api.register begins with this procedure.
--
-- Lock order: account rows, ascending id.
-- Outcomes, one a request, in its place:
--   accepted             the credentials still hold, and the nonce is used up to this count
--   credentials_changed  another password, or disabled and enabled, since they were verified; or no such account. The nonce is not used
--   account_disabled     the nonce is not used
--   nonce_replayed       used before with this or a higher count, or older than the last eight nonces of the account
create or replace function api.use_nonce(
  p_account_ids bigint[],
  p_credential_versions int[],
  p_nonce_ids bigint[],
  p_nonce_counts bigint[]
) returns text[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- One plan for ever, and always by index: a plan made while the table was empty must serve when it is full.
-- Each access to a table is bound to the batch by "id = any (array)", so a hash join of two small sets is right at any size.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
declare
  v_outcomes text[];
begin
  -- After a wait for a lock these are the values that the former holder committed.
  with locked as materialized (
    select a.id, a.enabled, a.credential_version, a.nonce_ids, a.nonce_counts
    from data.account a
    where a.id = any (p_account_ids)
    order by a.id
    for no key update
  )
  select array_agg(
    case
      when a.id is null then 'credentials_changed'
      when not a.enabled then 'account_disabled'
      when a.credential_version <> r.credential_version then 'credentials_changed'
      when r.nonce_id is null or api.nonce_is_fresh(a.nonce_ids, a.nonce_counts, r.nonce_id, r.nonce_count) then 'accepted'
      else 'nonce_replayed'
    end
    order by r.request
  )
  into v_outcomes
  from unnest(p_account_ids, p_credential_versions, p_nonce_ids, p_nonce_counts)
    with ordinality as r (account_id, credential_version, nonce_id, nonce_count, request)
  left join locked a on a.id = r.account_id;

  update data.account a
  set nonce_ids = api.nonce_ids_with(a.nonce_ids, n.id),
      nonce_counts = api.nonce_counts_with(a.nonce_ids, a.nonce_counts, n.id, n.count)
  from unnest(p_account_ids, p_nonce_ids, p_nonce_counts, v_outcomes) as n (account_id, id, count, outcome)
  where a.id = any (p_account_ids)
    and a.id = n.account_id
    and n.outcome = 'accepted'
    and n.id is not null;

  return v_outcomes;
end
$$;
