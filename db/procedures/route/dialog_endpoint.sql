-- Which endpoint is the other side of a dialog now, in the order that api.route says, or 0. For api.route.
create or replace function api.dialog_endpoint(
  p_account_id bigint,
  p_endpoint_id bigint,
  p_instance_hash text,
  p_uri text,
  p_now timestamptz
) returns bigint
language plpgsql stable
as $$
begin
  return coalesce((
    select e.id
    from (
      select e.*,
        case
          when e.id = p_endpoint_id then 1
          when e.instance is not null and p_instance_hash = encode(substr(sha256(convert_to(e.instance, 'UTF8')), 1, 8), 'hex') then 2
          when e.uri = p_uri then 3
          when e.instance is null and p_instance_hash = '' and 1 = (
              select count(*)
              from data.endpoint o
              where o.account_id = p_account_id and o.instance is null and o.expires_at > p_now and o.stale_at is null
            )
            then 4
        end as rank
      from data.endpoint e
      where e.account_id = p_account_id and e.expires_at > p_now
    ) as e
    where e.rank is not null
    order by e.stale_at is not null, e.rank, e.refreshed_at desc, e.id desc
    limit 1
  ), 0);
end
$$;
