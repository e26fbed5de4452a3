-- What a public GRUU leads to (RFC 5627 §6.1): the endpoint of the instance that was refreshed last; 0 when there is none, or
-- only stale ones. For api.route.
create or replace function api.instance_endpoint(p_account_id bigint, p_instance text, p_now timestamptz) returns bigint
language plpgsql stable
as $$
begin
  return coalesce((
    select e.id
    from data.endpoint e
    where e.account_id = p_account_id and e.instance = p_instance and e.expires_at > p_now and e.stale_at is null
    order by e.refreshed_at desc, e.id desc
    limit 1
  ), 0);
end
$$;
