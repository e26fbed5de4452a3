-- What a user says by hand, for all endpoints: publication 0. p_state: JSON; null takes it back. p_expires: seconds; null: until
-- it is taken back.
-- Lock order: the account row, then what watchers see of it.
-- Outcomes: set (changed: notifications are due), credentials_changed.
create or replace function api.set_presence(
  p_account_id bigint,
  p_credential_version int,
  p_state text,
  p_expires int,
  p_now timestamptz default now()
) returns table (outcome text, changed boolean)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  perform from data.account a where a.id = p_account_id and a.enabled and a.credential_version = p_credential_version for no key update;
  if not found then
    return query select 'credentials_changed', null::boolean;
    return;
  end if;

  if p_state is null then
    delete from data.publication p where p.account_id = p_account_id and p.id = 0;
  else
    insert into data.publication as p (account_id, id, version, event, state, changed_at, expires_at)
    values (p_account_id, 0, 1, 'presence', p_state::jsonb, p_now, p_now + p_expires * interval '1 second')
    on conflict (account_id, id) do update
    set version = p.version + 1, state = excluded.state, changed_at = excluded.changed_at, expires_at = excluded.expires_at;
  end if;
  return query select 'set', cardinality(api.aggregate_presence(array[p_account_id], p_now)) > 0;
end
$$;
