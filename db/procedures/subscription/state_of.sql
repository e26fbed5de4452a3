-- The state of a resource that api.take_notifications has not found in data.event_state: of a blocked watcher, or of an event
-- that is told as it is found.
create or replace function api.state_of(p_account_id bigint, p_event text, p_level text, p_now timestamptz) returns jsonb
language plpgsql stable
as $$
begin
  return case
    when p_level <> 'blocked' then api.event_detail(p_account_id, p_event, p_now)
    when p_event = 'dialog' then '{"documents": []}'
    else '{"availability": 18000}'
  end;
end
$$;
