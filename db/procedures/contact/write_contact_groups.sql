-- The part of api.change_contacts that is about groups; returns how many rows changed. p_version: what they get.
-- Raises RC001: group_unknown, group_exists, too_many_groups.
create or replace function api.write_contact_groups(
  p_account_id bigint,
  p_version bigint,
  p_replace boolean,
  p_groups jsonb,
  p_removed int[],
  p_maximum int
) returns int
language plpgsql
as $$
#variable_conflict use_column
declare
  v_change record;
  v_id int;
  v_kept int[] := '{}';
  v_changes int := 0;
  v_before int;
  v_after int;
  v_names int;
begin
  insert into data.contact_list (account_id, version, removed) values (p_account_id, p_version - 1, true) on conflict (account_id) do nothing;
  select count(*) into v_before from data.contact_group g where g.account_id = p_account_id and not g.removed;

  for v_change in
    select (c.said ->> 'id')::int as id, c.said ->> 'name' as name, (c.said ->> 'position')::int as position, c.place::int as place
    from jsonb_array_elements(p_groups) with ordinality as c (said, place)
    order by c.place
  loop
    select g.id into v_id
    from data.contact_group g
    where g.account_id = p_account_id and not g.removed and (g.id = v_change.id or (v_change.id is null and g.name = v_change.name));
    if v_id is null and (v_change.name is null or (v_change.id is not null and not p_replace)) then
      raise exception 'group_unknown' using errcode = 'RC001';
    elsif v_id is null then
      update data.contact_list l set last_group_id = l.last_group_id + 1 where l.account_id = p_account_id returning l.last_group_id into v_id;
      insert into data.contact_group (account_id, id, name, position, version)
      select p_account_id, v_id, v_change.name, coalesce(case when p_replace then v_change.place - 1 end, v_change.position, max(g.position) + 1, 0), p_version
      from data.contact_group g
      where g.account_id = p_account_id and not g.removed;
      v_changes := v_changes + 1;
    else
      with changed as (
        update data.contact_group g
        set name = w.name, position = w.position, version = p_version
        from (
          select coalesce(v_change.name, o.name) as name,
            coalesce(case when p_replace then v_change.place - 1 end, v_change.position, o.position) as position
          from data.contact_group o
          where o.account_id = p_account_id and o.id = v_id
        ) as w
        where g.account_id = p_account_id and g.id = v_id and (g.name, g.position) is distinct from (w.name, w.position)
        returning g.id
      )
      select v_changes + count(*) into v_changes from changed;
    end if;
    v_kept := v_kept || v_id;
  end loop;

  v_changes := v_changes + api.remove_contact_groups(
    p_account_id,
    p_version,
    array(
      select g.id from data.contact_group g
      where g.account_id = p_account_id and not g.removed and (g.id = any (p_removed) or (p_replace and g.id <> all (v_kept)))
    )
  );

  select count(*), count(distinct g.name) into v_after, v_names from data.contact_group g where g.account_id = p_account_id and not g.removed;
  if v_names < v_after then
    raise exception 'group_exists' using errcode = 'RC001';
  elsif v_after > greatest(p_maximum, v_before) then
    raise exception 'too_many_groups' using errcode = 'RC001';
  end if;
  return v_changes;
end
$$;
