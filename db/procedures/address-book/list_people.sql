-- A page of the people that have changed since a version of the address book, and with the last page who has left it. Nothing is locked.
-- p_version: what is known; null: nothing. A page that is full is gone on from with p_version and p_after of its last person, and
-- with p_base, the version that the first page was asked with; of a full list the one that it said.
-- Rows: version (one; what to ask with next time; is_full: nothing that was known before counts), person, then next (whom to go on from)
-- or removed.
create or replace function api.list_people(p_reader bigint, p_version bigint, p_after bigint, p_base bigint, p_limit int)
returns table (
  kind text,
  version bigint,
  account_id bigint,
  is_full boolean,
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
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_book data.address_book;
  v_full boolean;
  v_base bigint;
  v_from bigint;
  v_after bigint;
  v_people bigint[];
begin
  select * into strict v_book from data.address_book;
  -- Removals since the base must still be known; a later version is of a database that is no more.
  v_full := not coalesce(p_base between v_book.floor_version and v_book.version and p_version <= v_book.version, false);
  v_base := case when v_full then v_book.version else p_base end;
  v_from := case when v_full then 0 else p_version end;
  v_after := case when v_full then 0 else p_after end;
  return query
  select 'version', v_book.version, null::bigint, v_full, null, null, null, null, null, null::jsonb, null, null, null, null, null, null, null::boolean;

  select coalesce(array_agg(l.account_id order by l.version, l.account_id), '{}') into v_people
  from (
    select p.version, p.account_id
    from data.person p
    where p.version >= v_from and (p.version, p.account_id) > (v_from, v_after) and (not p.hidden or p.account_id = p_reader)
    order by p.version, p.account_id
    limit p_limit
  ) as l;
  return query
  select 'person', p.version, s.account_id, null::boolean, s.address, s.display_name, s.given_name, s.surname, s.mail, s.phones, s.title,
    s.department, s.company, s.office, s.manager, s.photo_hash, s.in_directory
  from api.show_people(v_people, p_reader) as s
  join data.person p on p.account_id = s.account_id
  order by s.place;

  if cardinality(v_people) = p_limit then
    return query
    select 'next', p.version, p.account_id, null::boolean, null, null, null, null, null, null::jsonb, null, null, null, null, null, null, null::boolean
    from data.person p
    where p.account_id = v_people[p_limit];
  else
    return query
    select 'removed', r.version, null::bigint, null::boolean, r.address, null, null, null, null, null::jsonb, null, null, null, null, null, null, null::boolean
    from data.person_removed r
    where r.version > v_base
      and not exists (select from data.person p where p.address = r.address and (not p.hidden or p.account_id = p_reader))
    order by r.version, r.address;
  end if;
end
$$;
