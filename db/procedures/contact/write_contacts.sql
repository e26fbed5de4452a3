-- The part of api.change_contacts that is about contacts; returns how many rows changed. p_version: what they get. p_new and
-- p_new_accounts: as api.lock_contacts has told.
-- Raises RC001: group_unknown, too_many_contacts.
create or replace function api.write_contacts(
  p_account_id bigint,
  p_version bigint,
  p_replace boolean,
  p_contacts jsonb,
  p_removed text[],
  p_new text[],
  p_new_accounts bigint[],
  p_maximum int
) returns int
language plpgsql
as $$
#variable_conflict use_column
declare
  v_last int;
  v_before int;
  v_after int;
  v_removed int;
  v_written int;
begin
  select count(*), coalesce(max(c.position), -1) into v_before, v_last from data.contact c where c.account_id = p_account_id and not c.removed;

  update data.contact c
  set removed = true, version = p_version, contact_account_id = null, display_name = null, note = null, groups = '{}'
  where c.account_id = p_account_id and not c.removed
    and (
      c.address = any (p_removed)
      -- "not in" is hashed; "not exists" would read the whole list for each contact.
      or (p_replace and c.address not in (select g ->> 'address' from jsonb_array_elements(p_contacts) as g))
    );
  get diagnostics v_removed = row_count;

  insert into data.contact as c (account_id, address, contact_account_id, display_name, note, position, groups, version)
  select p_account_id, g.address,
    case when g.address = any (p_new) then n.account_id else o.contact_account_id end,
    nullif(case when g.said ? 'displayName' then g.said ->> 'displayName' when not p_replace then o.display_name end, ''),
    nullif(case when g.said ? 'note' then g.said ->> 'note' when not p_replace then o.note end, ''),
    coalesce(case when p_replace then g.place - 1 end, (g.said ->> 'position')::int, o.position, v_last + g.place),
    case
      when jsonb_typeof(g.said -> 'groups') = 'array' then api.contact_groups(p_account_id, g.said -> 'groups')
      when not p_replace then coalesce(o.groups, '{}')
      else '{}'
    end,
    p_version
  from (
    -- The last one of an address counts.
    select distinct on (c.said ->> 'address') c.said ->> 'address' as address, c.said, c.place::int
    from jsonb_array_elements(p_contacts) with ordinality as c (said, place)
    order by c.said ->> 'address', c.place desc
  ) as g
  left join data.contact o on o.account_id = p_account_id and o.address = g.address and not o.removed
  left join unnest(p_new, p_new_accounts) as n (address, account_id) on n.address = g.address
  on conflict (account_id, address) do update
  set contact_account_id = excluded.contact_account_id, display_name = excluded.display_name, note = excluded.note,
    position = excluded.position, groups = excluded.groups, version = excluded.version, removed = false
  where c.removed
    or (c.display_name, c.note, c.position, c.groups) is distinct from (excluded.display_name, excluded.note, excluded.position, excluded.groups);
  get diagnostics v_written = row_count;

  select count(*) into v_after from data.contact c where c.account_id = p_account_id and not c.removed;
  if v_after > greatest(p_maximum, v_before) then
    raise exception 'too_many_contacts' using errcode = 'RC001';
  end if;
  return v_removed + v_written;
end
$$;
