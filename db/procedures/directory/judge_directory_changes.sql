-- Says of each person of a batch why it does not get the address that it asks for, if so: domain_unknown, conflict (another account or
-- an alias of one has it, or two entries ask for it and none has it). For api.apply_directory_changes, which holds the locks.
create or replace function api.judge_directory_changes(p_entry_ids uuid[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_leaving bigint[];
begin
  update data.directory_change c
  set problem = s.problem, holder_id = s.holder_id, moves = s.problem is null and s.has_another
  from (
    select c.entry_id, nullif(h.id, c.account_id) as holder_id,
      c.account_id is not null and h.id is distinct from c.account_id as has_another,
      case
        when d.id is null then 'domain_unknown'
        when h.id = c.account_id then null
        when c.contested or l.account_id is distinct from c.account_id and l.account_id is not null then 'conflict'
      end as problem
    from unnest(p_entry_ids) as i (id)
    -- "offset 0" keeps the order of the joins: each entry probes the indexes, also by a plan made while the tables were empty.
    join lateral (select * from data.directory_change c where c.entry_id = i.id and c.kind = 'person' offset 0) as c on true
    left join lateral (select d.id from data.domain d where d.name = c.domain offset 0) as d on true
    left join lateral (
      select h.id from data.account h where h.domain_id = d.id and h.user_part = c.user_part offset 0
    ) as h on true
    left join lateral (
      select l.account_id from data.account_alias l where l.domain_id = d.id and l.user_part = c.user_part offset 0
    ) as l on true
    offset 0
  ) as s
  where c.entry_id = s.entry_id;

  -- Who does not get another address keeps the one that it has, and so on.
  loop
    v_leaving := array(select c.account_id from data.directory_change c where c.entry_id = any (p_entry_ids) and c.moves);
    update data.directory_change c
    set problem = 'conflict', moves = false
    where c.entry_id = any (p_entry_ids) and c.kind = 'person' and c.problem is null
      and c.holder_id is not null and c.holder_id <> all (v_leaving);
    exit when not found;
  end loop;
end
$$;
