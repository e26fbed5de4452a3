-- Removes groups of an account; their members stay, outside of them. Returns how many rows changed. For api.write_contact_groups.
create or replace function api.remove_contact_groups(p_account_id bigint, p_version bigint, p_ids int[]) returns int
language plpgsql
as $$
declare
  v_groups int;
  v_contacts int;
begin
  update data.contact_group g set removed = true, version = p_version where g.account_id = p_account_id and g.id = any (p_ids);
  get diagnostics v_groups = row_count;
  update data.contact c
  set groups = array(select g from unnest(c.groups) as g where g <> all (p_ids) order by g), version = p_version
  where c.account_id = p_account_id and c.groups && p_ids;
  get diagnostics v_contacts = row_count;
  return v_groups + v_contacts;
end
$$;
