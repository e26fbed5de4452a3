-- The entries that are applied next: those that api.order_directory_moves has put in order, then about p_limit of the others.
-- For api.apply_directory_changes.
create or replace function api.next_directory_batch(p_limit int) returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_batch int := (select min(c.batch) from data.directory_change c where c.batch is not null);
begin
  if v_batch is not null then
    return array(select c.entry_id from data.directory_change c where c.batch = v_batch);
  end if;
  return array(select c.entry_id from data.directory_change c order by c.entry_id limit p_limit);
end
$$;
