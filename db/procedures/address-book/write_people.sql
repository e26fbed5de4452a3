-- Makes the address book say of these accounts what the directory does: those that follow it and are enabled are in it.
-- Hidden people are in it for themselves alone: others are told that somebody leaves who hides, and nothing of one who was hidden.
-- For the procedures that hold the locks of the accounts' rows.
-- Lock order: the row of the address book, then people.
create or replace function api.write_people(p_account_ids bigint[], p_now timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_version bigint;
  v_left text[];
  v_here text[];
  v_managers text[];
begin
  if not exists (select from data.directory_entry e where e.account_id = any (p_account_ids)) then
    return;
  end if;
  update data.address_book b set version = b.version + 1 returning b.version into v_version;

  with gone as (
    delete from data.person p
    using data.account a, data.directory_entry e
    where p.account_id = any (p_account_ids) and a.id = p.account_id and e.account_id = p.account_id
      and (not a.enabled or e.gone_at is not null)
    returning p.address, p.hidden
  )
  select array_agg(g.address) filter (where not g.hidden) into v_left from gone g;

  with written as (
    insert into data.person as p (
      account_id, address, display_name, given_name, surname, mail, phones, title, department, company, office, manager_dn, photo_hash,
      hidden, version
    )
    select a.id, a.user_part || '@' || d.name, e.person ->> 'displayName', e.person ->> 'givenName', e.person ->> 'surname',
      e.person ->> 'mail', coalesce(e.person -> 'phones', '[]'), e.person ->> 'title', e.person ->> 'department', e.person ->> 'company',
      e.person ->> 'office', e.person ->> 'managerDn', e.person ->> 'photoHash', coalesce((e.person ->> 'hidden')::boolean, false), v_version
    from data.account a
    join data.domain d on d.id = a.domain_id
    join data.directory_entry e on e.account_id = a.id
    where a.id = any (p_account_ids) and a.enabled and e.gone_at is null
    on conflict (account_id) do update
    set address = excluded.address, display_name = excluded.display_name, given_name = excluded.given_name, surname = excluded.surname,
      mail = excluded.mail, phones = excluded.phones, title = excluded.title, department = excluded.department, company = excluded.company,
      office = excluded.office, manager_dn = excluded.manager_dn, photo_hash = excluded.photo_hash, hidden = excluded.hidden,
      version = excluded.version
    where (
        p.address, p.display_name, p.given_name, p.surname, p.mail, p.phones, p.title, p.department, p.company, p.office, p.manager_dn,
        p.photo_hash, p.hidden
      ) is distinct from (
        excluded.address, excluded.display_name, excluded.given_name, excluded.surname, excluded.mail, excluded.phones, excluded.title,
        excluded.department, excluded.company, excluded.office, excluded.manager_dn, excluded.photo_hash, excluded.hidden
      )
    returning new.account_id, old.address as old_address, new.address, old.hidden as was_hidden, new.hidden
  )
  select v_left || array_agg(w.old_address) filter (where not w.was_hidden and (w.old_address <> w.address or w.hidden)),
    array_agg(w.address) filter (where not w.hidden),
    array_agg(lower(e.dn)) filter (where w.old_address is distinct from w.address)
  into v_left, v_here, v_managers
  from written w
  join data.directory_entry e on e.account_id = w.account_id;

  insert into data.person_removed as r (address, version, removed_at)
  select l.address, v_version, p_now from unnest(v_left) as l (address) where l.address <> all (coalesce(v_here, '{}'))
  on conflict (address) do update set version = excluded.version, removed_at = excluded.removed_at;
  delete from data.person_removed r where r.address = any (v_here);

  -- Whose manager has another address now is told again.
  update data.person p
  set version = v_version
  where lower(p.manager_dn) = any (v_managers) and p.version <> v_version;
end
$$;
