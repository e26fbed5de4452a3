-- What a subscription is about: an account, or (p_target_id null) the contacts of its watcher that are in the pool, 1,000 at most.
-- Adds what is new, and removes what is not a contact any more. For api.subscribe and api.refresh_lists. Answers whether it changed.
create or replace function api.add_watches(
  p_subscriber_id bigint,
  p_subscription_id bigint,
  p_event text,
  p_watcher text,
  p_target_id bigint,
  p_target text
) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_changed boolean;
begin
  with wanted as materialized (
    select p_target_id as account_id, p_target as address, null::text as name where p_target_id is not null
    union all
    (
      -- One row for each account: two addresses of one are one resource.
      select distinct on (c.contact_account_id) c.contact_account_id, c.address, c.display_name
      from data.contact c
      -- An account that is being removed is held by who removes it.
      join lateral (select a.id from data.account a where a.id = c.contact_account_id for key share skip locked) as a on true
      where c.account_id = p_subscriber_id and not c.removed and c.contact_account_id is not null and p_target_id is null
      order by c.contact_account_id, c.address
      limit 1000
    )
  ),
  gone as (
    delete from data.watch w
    where w.subscriber_id = p_subscriber_id
      and w.subscription_id = p_subscription_id
      and w.account_id not in (select account_id from wanted)
    returning 1
  ),
  added as (
    insert into data.watch as w (account_id, event, subscriber_id, subscription_id, address, name, default_level)
    select n.account_id, p_event, p_subscriber_id, p_subscription_id, n.address, n.name, api.default_level(n.account_id, p_subscriber_id, p_watcher)
    from wanted n
    on conflict (account_id, event, subscriber_id, subscription_id) do update
    set address = excluded.address, name = excluded.name
    where (w.address, w.name) is distinct from (excluded.address, excluded.name)
    returning 1
  )
  select exists (select from gone union all select from added) into v_changed;
  return v_changed;
end
$$;
