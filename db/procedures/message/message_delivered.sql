-- Removes a message that an endpoint has taken. One for certain HTTP endpoints goes when the last of them has taken it
-- (p_instance: which one did; null: no matter). Said twice it does nothing. p_claim: the delivery goes on, for another p_lifetime.
-- Lock order: the account row, then its messages and queue.
-- Outcomes (changed: notifications are due): removed; acknowledged (others have yet to take it); unknown (removed before).
create or replace function api.message_delivered(
  p_account_id bigint,
  p_message_id bigint,
  p_instance text default null,
  p_claim bigint default null,
  p_now timestamptz default now(),
  p_lifetime interval default '60 seconds'
) returns table (outcome text, changed boolean)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_message data.message;
  v_left text[];
begin
  perform from data.account a where a.id = p_account_id for no key update;
  update data.message_queue q set claim_expires_at = p_now + p_lifetime where q.account_id = p_account_id and q.claim = p_claim;

  select * into v_message from data.message m where m.account_id = p_account_id and m.id = p_message_id;
  v_left := array_remove(v_message.instances, p_instance);
  if v_message.id is null then
    return query select 'unknown', false;
  elsif p_instance is null or coalesce(cardinality(v_left), 0) = 0 then
    return query select 'removed', api.forget_messages(p_account_id, array[p_message_id], p_now);
  else
    update data.message m
    set instances = v_left, acknowledged = true
    where m.account_id = p_account_id and m.id = p_message_id and m.instances <> v_left;
    return query select 'acknowledged', false;
  end if;
end
$$;
