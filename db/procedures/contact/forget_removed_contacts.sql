-- Of what an account has removed from its contact list, keeps the last 1,000 for deltas. For api.change_contacts.
create or replace function api.forget_removed_contacts(p_account_id bigint) returns void
language plpgsql
as $$
declare
  v_floor bigint;
begin
  select r.version into v_floor
  from (
    select c.version from data.contact c where c.account_id = p_account_id and c.removed
    union all
    select g.version from data.contact_group g where g.account_id = p_account_id and g.removed
  ) as r
  order by r.version desc
  offset 1000 limit 1;
  if found then
    delete from data.contact c where c.account_id = p_account_id and c.removed and c.version <= v_floor;
    delete from data.contact_group g where g.account_id = p_account_id and g.removed and g.version <= v_floor;
    update data.contact_list l set floor_version = v_floor where l.account_id = p_account_id;
  end if;
end
$$;
