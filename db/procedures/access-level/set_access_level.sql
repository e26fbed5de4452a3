-- Changes what a level sees; null: stays as it is. The presence of every account that somebody watches is made anew, as when
-- its time has come (api.check_presence).
-- Lock order: those accounts, ascending id; then their checks. The row of the level comes first: nobody locks it.
-- Outcomes: set, unchanged, level_unknown (also 'blocked', which sees nothing).
create or replace function api.set_access_level(
  p_level text,
  p_activity boolean,
  p_note boolean,
  p_calendar boolean,
  p_phone boolean,
  p_location boolean,
  p_device boolean,
  p_services boolean,
  p_person boolean,
  p_now timestamptz default now()
) returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account_ids bigint[];
begin
  if not exists (select from data.access_level l where l.level = p_level and l.level <> 'blocked') then
    return query select 'level_unknown';
    return;
  end if;
  update data.access_level l
  set activity = coalesce(p_activity, l.activity), note = coalesce(p_note, l.note), calendar = coalesce(p_calendar, l.calendar),
    phone = coalesce(p_phone, l.phone), location = coalesce(p_location, l.location), device = coalesce(p_device, l.device),
    services = coalesce(p_services, l.services), person = coalesce(p_person, l.person)
  where l.level = p_level
    and (l.activity, l.note, l.calendar, l.phone, l.location, l.device, l.services, l.person) is distinct from (
      coalesce(p_activity, l.activity), coalesce(p_note, l.note), coalesce(p_calendar, l.calendar), coalesce(p_phone, l.phone),
      coalesce(p_location, l.location), coalesce(p_device, l.device), coalesce(p_services, l.services), coalesce(p_person, l.person)
    );
  if not found then
    return query select 'unchanged';
    return;
  end if;

  v_account_ids := array(
    select a.id from data.account a
    where a.id in (select e.account_id from data.event_state e where e.event = 'presence')
    order by a.id
    for no key update
  );
  insert into data.presence_check as c (account_id, check_at)
  select n.id, p_now from unnest(v_account_ids) as n (id)
  on conflict (account_id) do update set check_at = least(c.check_at, excluded.check_at);
  return query select 'set';
end
$$;
