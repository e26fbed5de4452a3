-- What has left the address book is kept for 30 days, for deltas. Lock order: the row of the address book.
create or replace function api.forget_removed_people(p_now timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_floor bigint;
begin
  if exists (select from data.person_removed r where r.removed_at < p_now - interval '30 days') then
    perform from data.address_book for no key update;
    with forgotten as (
      delete from data.person_removed r where r.removed_at < p_now - interval '30 days' returning r.version
    )
    select max(f.version) into v_floor from forgotten f;
    update data.address_book b set floor_version = greatest(b.floor_version, v_floor);
  end if;
end
$$;
