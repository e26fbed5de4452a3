-- The level at which a watcher, p_watcher (user@domain), sees an event of an account that has rules of levels: of presence the access
-- level; of a dialog '' or, for who may not see activities, blocked. For api.take_notifications.
create or replace function api.watch_level(
  p_event text,
  p_account_id bigint,
  p_watcher_id bigint,
  p_watcher text,
  p_default text
) returns text
language plpgsql stable
as $$
declare
  v_level text := api.access_level(p_account_id, p_watcher_id, p_watcher, p_default);
begin
  return case
    when p_event <> 'dialog' then v_level
    when (select l.activity from data.access_level l where l.level = v_level) then ''
    else 'blocked'
  end;
end
$$;
