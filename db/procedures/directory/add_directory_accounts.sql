-- Makes the accounts of the new entries of a batch; who is too late for an address has a conflict. They have no credentials here.
-- For api.apply_directory_changes, which holds the locks.
create or replace function api.add_directory_accounts(p_entry_ids uuid[], p_now timestamptz) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_count int;
  v_addresses text[];
  v_account_ids bigint[];
begin
  with added as (
    insert into data.account (domain_id, user_part, role, enabled)
    select d.id, c.user_part, c.role, c.enabled
    from data.directory_change c
    join data.domain d on d.name = c.domain
    where c.entry_id = any (p_entry_ids) and c.kind = 'person' and c.account_id is null and c.problem is null
    -- As in api.import_accounts.
    order by d.id, c.user_part
    on conflict (domain_id, user_part) do nothing
    returning id, domain_id, user_part
  )
  select count(*), array_agg(a.user_part || '@' || d.name), array_agg(a.id)
  into v_count, v_addresses, v_account_ids
  from added a join data.domain d on d.id = a.domain_id;

  update data.directory_change c
  set account_id = s.account_id
  from (
    select c.entry_id, a.id as account_id
    from unnest(p_entry_ids) as i (id)
    -- "offset 0" as in api.judge_directory_changes.
    join lateral (
      select * from data.directory_change c
      where c.entry_id = i.id and c.kind = 'person' and c.account_id is null and c.problem is null
      offset 0
    ) as c on true
    join lateral (select d.id from data.domain d where d.name = c.domain offset 0) as d on true
    join lateral (select a.id from data.account a where a.domain_id = d.id and a.user_part = c.user_part offset 0) as a on true
    where a.id = any (v_account_ids)
    offset 0
  ) as s
  where c.entry_id = s.entry_id;
  update data.directory_change c
  set problem = 'conflict'
  where c.entry_id = any (p_entry_ids) and c.kind = 'person' and c.account_id is null and c.problem is null;
  if v_count > 0 then
    perform api.link_contacts(v_addresses, v_account_ids, p_now);
  end if;
  return v_count;
end
$$;
