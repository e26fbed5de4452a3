-- Whether a watcher may subscribe to this event of an account, in the order in which that is asked. For api.subscribe, which
-- holds the locks of both rows, and says what the outcomes mean. A refresh (not p_is_new) asks for the watcher's credentials alone.
create or replace function api.may_subscribe(
  p_account_id bigint,
  p_is_verified boolean,
  p_credential_version int,
  p_target_id bigint,
  p_user text,
  p_domain text,
  p_is_list boolean,
  p_event text,
  p_is_new boolean
) returns text
language plpgsql stable
as $$
begin
  return case
    when p_account_id <> 0 and coalesce((
        select not a.enabled or p_is_verified and a.credential_version <> p_credential_version from data.account a where a.id = p_account_id
      ), true) then 'credentials_changed'
    when not p_is_new then 'subscribed'
    when p_target_id is null then 'unknown'
    when not (select a.enabled from data.account a where a.id = p_target_id) then 'disabled'
    when p_is_list and (p_account_id <> p_target_id or p_event <> 'presence') then 'not_own_address'
    when p_event not in ('presence', 'dialog') and p_account_id <> p_target_id then 'forbidden'
    else 'subscribed'
  end;
end
$$;
