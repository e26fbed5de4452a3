-- Sees to what time alone changes: endpoints and publications that have expired make their account something else. Any front end
-- may call it, several at once. It looks at accounts whose check has come, at most p_limit.
-- Lock order: account rows, ascending id, then their checks, both as far as nobody holds them (skip locked: it never waits for
-- one); what depends on them.
-- Answers one row. changed: accounts of which notifications are due; next_at: the next check; more: call again at once.
create or replace function api.check_presence(p_limit int, p_now timestamptz default now())
returns table (changed bigint[], next_at timestamptz, more boolean)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_due bigint[];
  v_accounts bigint[];
  v_dialogs bigint[];
begin
  v_due := array(select c.account_id from data.presence_check c where c.check_at <= p_now order by c.check_at limit p_limit);
  if cardinality(v_due) > 0 then
    v_accounts := array(select a.id from data.account a where a.id = any (v_due) order by a.id for no key update skip locked);
    with due as (
      select c.account_id
      from data.presence_check c
      where c.account_id = any (v_accounts) and c.check_at <= p_now
      order by c.account_id
      for update skip locked
    ),
    gone as (
      delete from data.presence_check c using due d where c.account_id = d.account_id returning c.account_id
    )
    select array_agg(g.account_id order by g.account_id) into v_accounts from gone g;

    with gone as (
      delete from data.publication p
      where p.account_id = any (v_accounts) and p.expires_at <= p_now
      returning p.account_id, p.event
    )
    select array_agg(distinct g.account_id) into v_dialogs from gone g where g.event = 'dialog';
    changed := array(
      select distinct c.account_id
      from unnest(api.aggregate_presence(v_accounts, p_now) || api.touch_event(v_dialogs, 'dialog', p_now)) as c (account_id)
    );
  end if;
  changed := coalesce(changed, '{}');
  more := coalesce(cardinality(v_accounts), 0) > 0 and cardinality(v_due) >= p_limit;
  -- What others hold is looked at again a moment later.
  next_at := (select greatest(min(c.check_at), p_now + interval '50 ms') from data.presence_check c having min(c.check_at) is not null);
  return next;
end
$$;
