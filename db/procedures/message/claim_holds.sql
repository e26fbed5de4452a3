-- Whether a claim of an account's messages still counts: its time has not passed, and its front end lives.
create or replace function api.claim_holds(p_queue data.message_queue, p_now timestamptz) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return coalesce(p_queue.claim is not null and p_queue.claim_expires_at > p_now, false)
    and exists (select from data.front_end f where f.id = p_queue.claim_front_end_id and f.state in ('serving', 'draining'));
end
$$;
