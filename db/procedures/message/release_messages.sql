-- Ends a delivery before its end: what is left waits for the next.
-- Lock order: the account row, then its queue.
-- Outcomes, with is_waiting (messages still wait), and one row for each endpoint that may take them now (one row with null
-- endpoint_id when there is none): released, not_held (the claim was no more).
create or replace function api.release_messages(p_account_id bigint, p_claim bigint, p_now timestamptz default now())
returns table (outcome text, is_waiting boolean, endpoint_id bigint, front_end_id int, flow text, instance text, transport text)
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
  update data.message_queue q set claim = null where q.account_id = p_account_id and q.claim = p_claim;
  v_outcome := case when found then 'released' else 'not_held' end;

  return query
  select v_outcome, exists (select from data.message_queue q where q.account_id = p_account_id),
    e.endpoint_id, e.front_end_id, e.flow, e.instance, e.transport
  from (values (1)) as one
  left join api.reachable_endpoints(p_account_id, p_now) as e on true;
end
$$;
