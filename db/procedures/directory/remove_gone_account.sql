-- Removes one account whose entry has been gone from the directory for p_grace_days, if there is one.
-- Lock order: the directory, then as api.remove_account. No row when there is none; else those of api.remove_account, the first with the
-- address. Raises serialization_failure: to be called again.
create or replace function api.remove_gone_account(p_grace_days int, p_now timestamptz default now())
returns table (outcome text, account_id bigint, endpoint_id bigint, front_end_id int, flow text, instance text, user_part text, domain text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user text;
  v_domain text;
begin
  perform api.hold_directory();
  -- For what api.list_directory_problems says.
  update data.directory d set grace_days = p_grace_days where d.grace_days <> p_grace_days;
  select a.user_part, d.name into v_user, v_domain
  from data.directory_entry e
  join data.account a on a.id = e.account_id
  join data.domain d on d.id = a.domain_id
  where e.gone_at <= p_now - p_grace_days * interval '1 day'
  order by e.gone_at
  limit 1;
  if found then
    return query select r.*, v_user, v_domain from api.remove_account(v_user, v_domain) as r;
  end if;
end
$$;
