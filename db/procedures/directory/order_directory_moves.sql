-- Finds the account of each staged entry, who has its address, and whether others ask for it; then orders the accounts that get
-- another address, so that each finds it free: batch 1 and on begin where nobody has it and follow the chains. Batch 0 is for
-- rings (two that swap, or more), which can only change all at once. For api.plan_directory_run.
create or replace function api.order_directory_moves() returns void
language sql
as $$
  update data.directory_change c
  set account_id = s.account_id, holder_id = s.holder_id, contested = s.contested,
    moves = s.kind = 'person' and s.account_id is not null and s.has_domain and not s.contested and not s.has_it
  from (
    select c.entry_id, c.kind, e.account_id, d.id is not null as has_domain, nullif(h.id, e.account_id) as holder_id,
      coalesce(h.id = e.account_id, false) as has_it,
      c.kind = 'person' and (
        count(*) over (partition by c.kind, c.domain, c.user_part) > 1
        or exists (
          select from data.directory_entry o
          where o.domain = c.domain and o.user_part = c.user_part and o.gone_at is null
            and not exists (select from data.directory_change x where x.entry_id = o.entry_id)
        )
      ) as contested
    from data.directory_change c
    left join data.directory_entry e on e.entry_id = c.entry_id
    left join data.domain d on d.name = c.domain
    left join data.account h on h.domain_id = d.id and h.user_part = c.user_part
  ) as s
  where s.entry_id = c.entry_id;

  with recursive chain (entry_id, account_id, depth) as (
    select c.entry_id, c.account_id, 0 from data.directory_change c where c.moves and c.holder_id is null
    union all
    select c.entry_id, c.account_id, r.depth + 1
    from chain r
    join data.directory_change c on c.holder_id = r.account_id and c.moves
  )
  update data.directory_change c
  set batch = s.batch
  from (
    select r.entry_id, 1 + (row_number() over (order by r.depth, r.entry_id) - 1) / 1000 as batch from chain r
    union all
    select c.entry_id, 0
    from data.directory_change c
    join data.directory_change h on h.account_id = c.holder_id and h.moves
    where c.moves and c.entry_id not in (select r.entry_id from chain r)
  ) as s
  where s.entry_id = c.entry_id;
$$;
