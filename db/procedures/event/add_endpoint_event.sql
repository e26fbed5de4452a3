-- Tells an HTTP endpoint something. For the other procedures, which hold the lock of the account's row.
-- The newest 100 events of an endpoint are kept, and 500 of an account, whatever a client does.
create or replace function api.add_endpoint_event(
  p_account_id bigint,
  p_instance text,
  p_event text,
  p_reason text,
  p_now timestamptz
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
  values (p_account_id, nextval('data.endpoint_id'), p_now, p_event, p_reason, p_instance);

  delete from data.endpoint_event e
  where e.account_id = p_account_id
    and e.id in (
      select o.id
      from (
        select k.id,
          row_number() over (order by k.id desc) as of_account,
          row_number() over (partition by k.instance order by k.id desc) as of_instance
        from data.endpoint_event k
        where k.account_id = p_account_id
      ) as o
      where o.of_account > 500 or o.of_instance > 100
    );
end
$$;
