-- Who has added an account to their contacts, the oldest first.
create or replace function api.find_notices(p_account_id bigint) returns table (id bigint, adder text, occurred_at timestamptz)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select n.id, n.adder, n.occurred_at from data.contact_notice n where n.account_id = p_account_id order by n.id;
$$;
