-- The app passwords of an account, the oldest first. What they are is nowhere.
create or replace function api.list_app_passwords(p_account_id bigint)
returns table (id int, name text, created_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.id, c.name, c.created_at
  from data.credential c
  where c.account_id = p_account_id and c.id > 0
  order by c.id;
$$;
