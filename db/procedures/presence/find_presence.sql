-- What a watcher sees of some accounts at p_now. p_watcher_id, or the account that has the address p_watcher (user@domain), or
-- somebody outside who has it. Nothing is locked.
-- Outcomes, one row for each target, in their order: found; unknown.
create or replace function api.find_presence(
  p_watcher_id bigint,
  p_watcher text,
  p_is_outside boolean,
  p_users text[],
  p_domains text[],
  p_now timestamptz default now()
) returns table (request int, outcome text, account_id bigint, level text, version bigint, state jsonb)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_watcher_id bigint := p_watcher_id;
  v_watcher text := p_watcher;
begin
  if v_watcher_id is null and not p_is_outside then
    v_watcher_id := api.find_account(left(p_watcher, -strpos(reverse(p_watcher), '@')), right(p_watcher, strpos(reverse(p_watcher), '@') - 1));
  end if;
  v_watcher := coalesce((api.account_names(v_watcher_id))[1], p_watcher);

  for v_request in 1 .. cardinality(p_users) loop
    request := v_request;
    account_id := api.find_account(p_users[v_request], p_domains[v_request]);
    outcome := case when account_id is null then 'unknown' else 'found' end;
    level := api.access_level(account_id, v_watcher_id, v_watcher, api.default_level(account_id, v_watcher_id, v_watcher));
    version := 0;
    state := '{"availability": 18000}';
    if account_id is not null and level <> 'blocked' then
      select s.version, s.state into version, state
      from data.event_state s
      where s.account_id = find_presence.account_id and s.event = 'presence' and s.level = find_presence.level;
      if not found then
        select 0, s.state into version, state
        from api.presence_states(array[account_id], p_now) as s
        where s.level = find_presence.level;
      end if;
    end if;
    return next;
  end loop;
end
$$;
