-- Removes an account with all that belongs to it.
-- Lock order: the account row and those of whoever has it as a contact, ascending id; then its endpoints and events (an HTTP endpoint
-- is told), then subscriptions, then its messages.
-- Outcomes: removed, account_unknown or follows_directory (its entry is not gone), one row; then endpoint_removed, one row for each endpoint that left; then
-- watched, one row for each account of which notifications are due. Raises
-- serialization_failure: to be called again.
create or replace function api.remove_account(p_user text, p_domain text)
returns table (outcome text, account_id bigint, endpoint_id bigint, front_end_id int, flow text, instance text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_account_id bigint := api.account_id(p_user, p_domain);
begin
  perform api.lock_contact_owners(v_account_id);
  -- It may have gone meanwhile.
  select a.id into v_account_id from data.account a where a.id = v_account_id;
  if v_account_id is null then
    return query select 'account_unknown', null::bigint, null::bigint, null::int, null, null;
    return;
  end if;
  if exists (select from data.directory_entry e where e.account_id = v_account_id and e.gone_at is null) then
    return query select 'follows_directory', v_account_id, null::bigint, null::int, null, null;
    return;
  end if;

  return query select 'removed', v_account_id, null::bigint, null::int, null, null;
  return query
  with gone as (
    delete from data.endpoint e where e.account_id = v_account_id returning e.*
  ),
  told as (
    insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
    select g.account_id, nextval('data.endpoint_id'), now(), 'removed', 'deleted', g.instance from gone g where g.transport = 'HTTP'
  )
  select 'endpoint_removed', g.account_id, g.id, g.front_end_id, g.flow, g.instance from gone g;
  return query
  select 'watched', w.account_id, null::bigint, null::int, null, null
  from unnest(api.forget_watches(v_account_id, now())) as w (account_id);
  delete from data.message m where m.account_id = v_account_id;
  delete from data.message_queue m where m.account_id = v_account_id;
  perform api.link_contacts(array_agg(distinct c.address), null)
  from data.contact c
  where c.contact_account_id = v_account_id and not c.removed
  having count(*) > 0;
  delete from data.account where id = v_account_id;
end
$$;
