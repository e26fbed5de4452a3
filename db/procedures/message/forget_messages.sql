-- Removes messages of an account, and its queue with the last of them. For the other procedures, which hold the lock of the
-- account's row. Answers whether somebody who watches their number is to be told.
create or replace function api.forget_messages(p_account_id bigint, p_message_ids bigint[], p_now timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  with gone as (
    delete from data.message m
    where m.account_id = p_account_id and m.id = any (p_message_ids)
    returning octet_length(m.body) + octet_length(m.headers::text) as bytes
  )
  update data.message_queue q
  set messages = q.messages - g.messages, bytes = q.bytes - g.bytes
  from (select count(*)::int as messages, coalesce(sum(gone.bytes), 0) as bytes from gone) as g
  where q.account_id = p_account_id;

  delete from data.message_queue q where q.account_id = p_account_id and q.messages = 0;
  return cardinality(p_message_ids) > 0 and cardinality(api.touch_event(array[p_account_id], 'message-summary', p_now)) > 0;
end
$$;
