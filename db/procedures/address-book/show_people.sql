-- What the address book says of these accounts, in their order; of one made by hand that is its address. Disabled accounts are
-- left out, and hidden people but p_reader. For the other procedures of this folder.
create or replace function api.show_people(p_account_ids bigint[], p_reader bigint)
returns table (
  place int,
  account_id bigint,
  address text,
  display_name text,
  given_name text,
  surname text,
  mail text,
  phones jsonb,
  title text,
  department text,
  company text,
  office text,
  manager text,
  photo_hash text,
  in_directory boolean
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  return query
  select i.place::int, a.id, a.user_part || '@' || d.name, p.display_name, p.given_name, p.surname, p.mail, p.phones, p.title, p.department,
    p.company, p.office, m.address, p.photo_hash, p.account_id is not null
  from unnest(p_account_ids) with ordinality as i (account_id, place)
  join data.account a on a.id = i.account_id
  join data.domain d on d.id = a.domain_id
  left join data.person p on p.account_id = a.id
  left join lateral (
    select m.address
    from data.directory_entry e
    join data.person m on m.account_id = e.account_id
    where lower(e.dn) = lower(p.manager_dn) and (not m.hidden or m.account_id = p_reader)
    limit 1
  ) as m on p.manager_dn is not null
  where a.enabled
    -- Who follows the directory and is not among its people has left it.
    and (not p.hidden or a.id = p_reader or p.account_id is null and not exists (select from data.directory_entry e where e.account_id = a.id))
  order by i.place;
end
$$;
