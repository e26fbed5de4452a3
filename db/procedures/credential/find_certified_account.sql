-- The account that owns an address (RFC 3261 §10.3 step 5), when a client certificate names it: by any of its addresses, of
-- record or alias. No row when it does not, or the account is disabled, or of another domain. Nothing is locked.
create or replace function api.find_certified_account(p_user text, p_domain text, p_users text[], p_domains text[])
returns table (account_id bigint, user_part text, credential_version int)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  select a.id, a.user_part, a.credential_version
  from data.account a
  where a.id = api.find_account(p_user, p_domain)
    and a.enabled
    and a.domain_id = (select d.id from data.domain d where d.name = p_domain)
    and exists (
      select from unnest(p_users, p_domains) as c (user_part, domain)
      where api.find_account(c.user_part, c.domain) = a.id
    );
end
$$;
