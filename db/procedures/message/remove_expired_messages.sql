-- Removes messages whose time has passed, at most p_limit a call; any front end may call it, one works at a time.
-- Nothing depends on it but the size of the table: every reader compares expires_at with its own now.
-- Lock order: account rows, as far as nobody holds them (skip locked: it never waits, so it cannot deadlock); then messages.
-- Answers how many it removed, whether there may be more, and the accounts of which notifications are due.
create or replace function api.remove_expired_messages(p_limit int, p_now timestamptz default now())
returns table (removed int, more boolean, changed bigint[])
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_account_id bigint;
  v_accounts bigint[];
  v_ids bigint[];
  v_gone bigint[];
begin
  removed := 0;
  changed := '{}';
  more := false;
  if pg_try_advisory_xact_lock(hashtext('api.remove_expired_messages')) then
    select array_agg(e.account_id), array_agg(e.id)
    into v_accounts, v_ids
    from (select m.account_id, m.id from data.message m where m.expires_at <= p_now order by m.expires_at limit p_limit) as e;
    for v_account_id in
      select a.id from data.account a where a.id = any (v_accounts) order by a.id for no key update skip locked
    loop
      v_gone := array(select m.id from data.message m where m.account_id = v_account_id and m.id = any (v_ids));
      if api.forget_messages(v_account_id, v_gone, p_now) then
      changed := changed || v_account_id;
    end if;
      removed := removed + cardinality(v_gone);
    end loop;
    more := removed > 0 and cardinality(v_ids) >= p_limit;
  end if;
  return next;
end
$$;
