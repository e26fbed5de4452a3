-- How many subscriptions have their watchers on a front end, by event package. An event without any is left out.
create or replace function api.count_subscriptions(p_front_end_id int, p_now timestamptz default now())
returns table (event text, subscriptions int)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return query
  select s.event, count(*)::int
  from data.subscription s
  where s.front_end_id = p_front_end_id and s.expires_at > p_now
  group by s.event;
end
$$;
