-- Endpoints of accounts have come or gone, and watchers are told. p_left: the binding keys of those that have left on purpose, one
-- an account (null: all of its), and their publications end with them. Those of others that are gone wait until their endpoints
-- are back, or for their time: who has lost a front end has not taken back what was said.
-- For the other procedures, which hold the locks of the accounts' rows. Accounts that nobody watches cost one probe.
-- Answers the accounts of which notifications are due.
create or replace function api.endpoints_changed(p_account_ids bigint[], p_now timestamptz, p_left text[]) returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_watched bigint[];
  v_presence bigint[];
  v_dialogs bigint[];
begin
  select array_agg(distinct s.account_id), array_agg(s.account_id) filter (where s.event = 'presence' and s.level = 'public')
  into v_watched, v_presence
  from data.event_state s
  where s.account_id = any (p_account_ids) and (s.event = 'presence' or s.event = 'reg');
  if v_watched is null then
    return '{}';
  end if;

  select array_agg(distinct p.account_id)
  into v_dialogs
  from data.publication p
  where p.account_id = any (v_presence) and p.event = 'dialog' and p.binding_key is not null;
  if p_left is not null then
    delete from data.publication p
    using unnest(p_account_ids, p_left) as l (account_id, binding_key)
    where p.account_id = any (v_presence)
      and p.account_id = l.account_id
      and p.binding_key = coalesce(l.binding_key, p.binding_key)
      and not exists (
        select from data.endpoint e where e.account_id = p.account_id and e.binding_key = p.binding_key and e.expires_at > p_now
      );
  end if;

  return array(
    select distinct c.account_id
    from unnest(
      api.aggregate_presence(v_presence, p_now) || api.touch_event(v_watched, 'reg', p_now) || api.touch_event(v_dialogs, 'dialog', p_now)
    ) as c (account_id)
  );
end
$$;
