-- What waits for an account, in the order in which it was stored: everybody's messages, and those for p_instance. Nothing is
-- locked. in_delivery: everybody's, and on the way to some endpoint now.
create or replace function api.find_messages(
  p_account_id bigint,
  p_instance text,
  p_after bigint,
  p_limit int,
  p_now timestamptz default now()
) returns table (
  message_id bigint,
  sender text,
  recipient text,
  call_id text,
  content_type text,
  headers text,
  body bytea,
  stored_at timestamptz,
  expires_at timestamptz,
  instances text,
  in_delivery boolean
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_is_claimed boolean := (select api.claim_holds(q, p_now) from data.message_queue q where q.account_id = p_account_id);
begin
  return query
  select m.id, m.sender, m.recipient, m.call_id, m.content_type, m.headers::text, m.body, m.stored_at, m.expires_at,
    array_to_string(m.instances, E'\n'),
    m.instances is null and coalesce(v_is_claimed, false)
  from data.message m
  where m.account_id = p_account_id
    and m.id > coalesce(p_after, 0)
    and m.expires_at > p_now
    and (m.instances is null or p_instance = any (m.instances))
  order by m.id
  limit p_limit;
end
$$;
