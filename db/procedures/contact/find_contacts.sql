-- The contact list of an account; with p_since what has changed since that version, when that is still known.
-- Rows, in order: list (one; id: the version; is_full; removed: there is no such document), group, contact; a removed one only when not is_full.
create or replace function api.find_contacts(p_account_id bigint, p_since bigint)
returns table (
  kind text,
  id bigint,
  is_full boolean,
  removed boolean,
  name text,
  "position" int,
  address text,
  note text,
  groups int[],
  in_pool boolean
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_list data.contact_list;
  v_full boolean;
begin
  select * into v_list from data.contact_list l where l.account_id = p_account_id;
  v_full := not coalesce(p_since between v_list.floor_version and v_list.version, p_since = 0 and v_list is null, false);

  return query
  select 'list', coalesce(v_list.version, 0), v_full, coalesce(v_list.removed, true), null, null::int, null, null, null::int[], null::boolean;
  return query
  select 'group', g.id::bigint, null::boolean, g.removed, g.name, g.position, null, null, null::int[], null::boolean
  from data.contact_group g
  where g.account_id = p_account_id and case when v_full then not g.removed else g.version > p_since end
  order by g.position, g.id;
  return query
  select 'contact', null::bigint, null::boolean, c.removed, c.display_name, c.position, c.address, c.note, c.groups, c.contact_account_id is not null
  from data.contact c
  where c.account_id = p_account_id and case when v_full then not c.removed else c.version > p_since end
  order by c.position, c.address;
end
$$;
