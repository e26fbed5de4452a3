-- The next messages that wait for an account, in the order in which they were stored, for a front end that delivers them to
-- p_endpoint_id: everybody's and those for p_instance. They stay until api.message_delivered.
-- p_claim, p_after: to go on with a delivery, its claim and the last message that was tried; null begins one.
-- While a claim counts (api.claim_holds; for p_lifetime from the last call with it) nobody else gets any.
-- Lock order: the account row, then its queue.
-- Outcomes:
--   taken    one row for each message, at most p_limit, all with the claim
--   none     nothing waits; the claim is given back
--   claimed  another delivery is under way
create or replace function api.take_messages(
  p_account_id bigint,
  p_front_end_id int,
  p_endpoint_id bigint,
  p_instance text,
  p_limit int,
  p_claim bigint default null,
  p_after bigint default null,
  p_now timestamptz default now(),
  p_lifetime interval default '60 seconds'
) returns table (
  outcome text,
  claim bigint,
  message_id bigint,
  sender text,
  recipient text,
  call_id text,
  content_type text,
  headers text,
  body bytea,
  stored_at timestamptz,
  expires_at timestamptz,
  instances text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_queue data.message_queue;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  select * into v_queue from data.message_queue q where q.account_id = p_account_id;
  if v_queue.claim is distinct from p_claim and api.claim_holds(v_queue, p_now) then
    outcome := 'claimed';
    return next;
    return;
  end if;

  if p_claim is null or v_queue.claim is distinct from p_claim then
    v_queue.claim := nextval('data.endpoint_id');
  end if;
  return query
  select 'taken', v_queue.claim, m.id, m.sender, m.recipient, m.call_id, m.content_type, m.headers::text, m.body, m.stored_at, m.expires_at,
    array_to_string(m.instances, E'\n')
  from data.message m
  where m.account_id = p_account_id
    and m.id > coalesce(p_after, 0)
    and m.expires_at > p_now
    and (m.instances is null or p_instance = any (m.instances))
  order by m.id
  limit p_limit;
  if found then
    update data.message_queue q
    set claim = v_queue.claim, claim_front_end_id = p_front_end_id, claim_endpoint_id = p_endpoint_id, claim_expires_at = p_now + p_lifetime
    where q.account_id = p_account_id;
    return;
  end if;

  update data.message_queue q set claim = null where q.account_id = p_account_id and q.claim is not null;
  outcome := 'none';
  return next;
end
$$;
