-- Locks what the changes of a batch need. For api.apply_directory_changes.
-- Lock order: domains, ascending id: shared as in api.add_account, or, since an account that gets another address would meet one that
-- is being added, exclusively; then the accounts of the entries and whoever has an address that comes or goes as a contact, ascending id.
-- Raises serialization_failure when there were more of them meanwhile: to be called again.
create or replace function api.lock_directory_batch(p_entry_ids uuid[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_domains text[] := array(select distinct c.domain from data.directory_change c where c.entry_id = any (p_entry_ids) and c.domain is not null);
  v_moving bigint[] := array(select c.account_id from data.directory_change c where c.entry_id = any (p_entry_ids) and c.moves);
  v_addresses text[];
  v_owners bigint[];
begin
  if v_moving <> '{}' then
    perform from data.domain d where d.name = any (v_domains) order by d.id for no key update;
  else
    perform from data.domain d where d.name = any (v_domains) order by d.id for share;
  end if;

  v_addresses := array(
    select c.user_part || '@' || c.domain
    from data.directory_change c
    where c.entry_id = any (p_entry_ids) and c.kind = 'person' and (c.account_id is null or c.moves)
    union
    select unnest(api.account_names(m.id)) from unnest(v_moving) as m (id)
  );
  v_owners := api.contact_owners(v_addresses);
  perform from data.account a
  where a.id = any (
    v_owners || array(select c.account_id from data.directory_change c where c.entry_id = any (p_entry_ids) and c.account_id is not null)
  )
  order by a.id
  for update;
  if exists (select unnest(api.contact_owners(v_addresses)) except select unnest(v_owners)) then
    raise exception 'an account has become a contact meanwhile' using errcode = 'serialization_failure';
  end if;
end
$$;
