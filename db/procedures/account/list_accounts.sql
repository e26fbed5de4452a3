-- A page of accounts in ascending id, from the first after p_after on. Null p_user or p_domain: any.
-- endpoints: how many are registered at p_now.
create or replace function api.list_accounts(
  p_after bigint,
  p_limit int,
  p_user text default null,
  p_domain text default null,
  p_now timestamptz default now()
) returns table (account_id bigint, user_part text, domain text, role text, enabled boolean, created_at timestamptz, endpoints int)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select a.id, a.user_part, d.name, a.role, a.enabled, a.created_at,
    (select count(*)::int from data.endpoint e where e.account_id = a.id and e.expires_at > p_now)
  from data.account a
  join data.domain d on d.id = a.domain_id
  where a.id > p_after
    and (p_user is null or a.user_part = p_user)
    and (p_domain is null or d.name = p_domain)
  order by a.id
  limit p_limit;
$$;
