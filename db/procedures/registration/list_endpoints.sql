-- A page of the endpoints that are registered at p_now, in ascending account and endpoint id, from the first after
-- (p_after_account, p_after_endpoint) on. Null p_user or p_domain: any.
create or replace function api.list_endpoints(
  p_after_account bigint,
  p_after_endpoint bigint,
  p_limit int,
  p_user text default null,
  p_domain text default null,
  p_now timestamptz default now()
) returns table (
  account_id bigint,
  endpoint_id bigint,
  user_part text,
  domain text,
  uri text,
  transport text,
  front_end_id int,
  flow text,
  received_from text,
  user_agent text,
  instance text,
  reg_id int,
  q smallint,
  path text[],
  call_id text,
  cseq bigint,
  incarnation bigint,
  registered_at timestamptz,
  refreshed_at timestamptz,
  expires_at timestamptz
)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select e.account_id, e.id, a.user_part, d.name, e.uri, e.transport, e.front_end_id, e.flow, e.received_from, e.user_agent, e.instance,
    e.reg_id, e.q, e.path, e.call_id, e.cseq, e.incarnation, e.registered_at, e.refreshed_at, e.expires_at
  from data.endpoint e
  join data.account a on a.id = e.account_id
  join data.domain d on d.id = a.domain_id
  where (e.account_id, e.id) > (p_after_account, p_after_endpoint)
    and (p_user is null or e.account_id = (select a.id from data.account a join data.domain d on d.id = a.domain_id where a.user_part = p_user and d.name = p_domain))
    and (p_domain is null or d.name = p_domain)
    and e.expires_at > p_now
  order by e.account_id, e.id
  limit p_limit;
$$;
