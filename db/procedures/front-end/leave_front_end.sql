-- A front end leaves the pool in good order, with all its connections closed. What was registered over them is removed by
-- api.remove_dead_front_ends unless its client registers through another front end first.
-- Outcomes: left, gone (it was declared dead before, or has left).
create or replace function api.leave_front_end(p_front_end_id int) returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update data.front_end set state = 'left', connections = 0 where id = p_front_end_id and state in ('serving', 'draining');
  return query select case when found then 'left' else 'gone' end;
end
$$;
