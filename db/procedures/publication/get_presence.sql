-- What a user has said by hand; no row: nothing.
create or replace function api.get_presence(p_account_id bigint, p_now timestamptz default now())
returns table (state jsonb, version int, expires_at timestamptz)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  select p.state, p.version, p.expires_at
  from data.publication p
  where p.account_id = p_account_id and p.id = 0 and (p.expires_at is null or p.expires_at > p_now);
end
$$;
