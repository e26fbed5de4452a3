-- A front end leaves the pool in good order.
-- Outcomes: left, gone (it was declared dead before).
create or replace function api.leave_front_end(p_front_end_id int) returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from data.front_end where id = p_front_end_id;
  return query select case when found then 'left' else 'gone' end;
end
$$;
