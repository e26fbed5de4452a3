-- Whether an account may keep one more message of p_bytes. For api.store_messages.
create or replace function api.message_fits(p_account_id bigint, p_bytes bigint, p_maximum_messages int, p_maximum_bytes bigint)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_messages int;
  v_bytes bigint;
begin
  select q.messages, q.bytes into v_messages, v_bytes from data.message_queue q where q.account_id = p_account_id;
  return coalesce(v_messages, 0) < p_maximum_messages and coalesce(v_bytes, 0) + p_bytes <= p_maximum_bytes;
end
$$;
