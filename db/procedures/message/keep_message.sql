-- Makes a message that was for certain HTTP endpoints everybody's, unless one of them has taken it.
-- Lock order: the account row, then the message.
-- Outcomes, one row for each endpoint that may take it now (one row with null endpoint_id when there is none):
--   kept       everybody's, now or before
--   delivered  one of its endpoints has it; it stays for the others
--   unknown    all have it, or it has expired
create or replace function api.keep_message(p_account_id bigint, p_message_id bigint, p_now timestamptz default now())
returns table (outcome text, endpoint_id bigint, front_end_id int, flow text, instance text, transport text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_outcome text;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  update data.message m
  set instances = null
  where m.account_id = p_account_id and m.id = p_message_id and m.expires_at > p_now and not m.acknowledged;
  v_outcome := case
    when found then 'kept'
    when exists (select from data.message m where m.account_id = p_account_id and m.id = p_message_id and m.expires_at > p_now) then 'delivered'
    else 'unknown'
  end;

  return query
  select v_outcome, e.endpoint_id, e.front_end_id, e.flow, e.instance, e.transport
  from (values (1)) as one
  left join api.reachable_endpoints(p_account_id, p_now) as e on v_outcome = 'kept';
end
$$;
