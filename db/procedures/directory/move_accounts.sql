-- Gives the accounts of a batch that move their new addresses, also where they swap them. What is bound to the old one goes: HA1s (they
-- hash user and realm), flows, subscriptions by it and to it. For api.apply_directory_changes, which holds the locks.
-- Rows: moved, one for each old and each new address; then those of api.sign_out.
create or replace function api.move_accounts(p_entry_ids uuid[], p_now timestamptz)
returns table (outcome text, account_id bigint, endpoint_id bigint, front_end_id int, flow text, instance text, user_part text, domain text)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_moving bigint[];
  v_old text[];
  v_new text[];
  v_account_id bigint;
begin
  select array_agg(a.id order by a.id), array_agg(a.user_part || '@' || d.name order by a.id), array_agg(c.user_part || '@' || c.domain order by a.id)
  into v_moving, v_old, v_new
  from data.directory_change c
  join data.account a on a.id = c.account_id
  join data.domain d on d.id = a.domain_id
  where c.entry_id = any (p_entry_ids) and c.moves;
  if v_moving is null then
    return;
  end if;
  return query
  select 'moved', a.id, null::bigint, null::int, null, null, a.user_part, d.name
  from data.account a join data.domain d on d.id = a.domain_id
  where a.id = any (v_moving);

  return query select s.*, null, null from api.sign_out(v_moving, 'disabled', p_now) as s;
  foreach v_account_id in array v_moving loop
    return query
    select 'watched', w.account_id, null::bigint, null::int, null, null, null, null
    from unnest(api.forget_watches(v_account_id, p_now)) as w (account_id);
  end loop;
  delete from data.credential k where k.account_id = any (v_moving);

  delete from data.account_alias l
  using data.directory_change c, data.domain d
  where c.entry_id = any (p_entry_ids) and c.moves
    and d.name = c.domain and l.domain_id = d.id and l.user_part = c.user_part and l.account_id = c.account_id;
  -- By way of names that nobody else has: two may swap theirs.
  update data.account a set user_part = E'\x01' || a.id where a.id = any (v_moving);
  update data.account a
  set domain_id = d.id, user_part = c.user_part, credential_version = a.credential_version + 1
  from data.directory_change c
  join data.domain d on d.name = c.domain
  where c.entry_id = any (p_entry_ids) and c.moves and a.id = c.account_id;

  perform api.link_contacts(array_agg(n.address), array_agg(n.account_id), p_now)
  from (
    select o.address, null::bigint as account_id from unnest(v_old) as o (address) where o.address <> all (v_new)
    union all
    select n.address, n.account_id from unnest(v_new, v_moving) as n (address, account_id)
  ) as n;
  return query
  select 'moved', c.account_id, null::bigint, null::int, null, null, c.user_part, c.domain
  from data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.moves;
end
$$;
