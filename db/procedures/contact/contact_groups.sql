-- The ids of the groups that a contact names, by id or name, ascending. For api.write_contacts. Raises RC001: group_unknown.
create or replace function api.contact_groups(p_account_id bigint, p_groups jsonb) returns int[]
language plpgsql stable
as $$
declare
  v_ids int[];
begin
  select array_agg(distinct g.id order by g.id) filter (where g.id is not null) into v_ids
  from jsonb_array_elements(p_groups) as n
  left join data.contact_group g on g.account_id = p_account_id and not g.removed
    and case jsonb_typeof(n) when 'number' then g.id = n::int else g.name = n #>> '{}' end;
  if exists (
    select from jsonb_array_elements(p_groups) as n
    where not exists (
      select from data.contact_group g
      where g.account_id = p_account_id and not g.removed
        and case jsonb_typeof(n) when 'number' then g.id = n::int else g.name = n #>> '{}' end
    )
  ) then
    raise exception 'group_unknown' using errcode = 'RC001';
  end if;
  return coalesce(v_ids, '{}');
end
$$;
