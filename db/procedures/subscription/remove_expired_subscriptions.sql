-- Removes subscriptions whose time has passed, at most p_limit: those with a watcher on p_front_end_id, who is told, and those that
-- no living front end holds. Nothing depends on it but the size of the table and that last notification.
--
-- It looks at rows whose expiry_check_at has come. Those refreshed since then are put off until their new expires_at.
-- Lock order: account rows (api.lock_watched); then subscriptions, as far as nobody holds them (skip locked).
-- Answers one row for each that was removed, with the CSeq and version of the last NOTIFY; then one with null subscription_id:
-- changed (accounts of which notifications are due), more (call again at once).
create or replace function api.remove_expired_subscriptions(
  p_front_end_id int,
  p_limit int,
  p_now timestamptz default now()
) returns table (
  subscription_id bigint,
  subscriber_id bigint,
  watcher text,
  event text,
  event_id text,
  is_list boolean,
  target text,
  version bigint,
  cseq bigint,
  call_id text,
  local_tag text,
  remote_tag text,
  local_uri text,
  remote_uri text,
  local_target text,
  remote_target text,
  route_set text,
  front_end_id int,
  transport text,
  flow text,
  received_from text,
  reason text,
  changed bigint[],
  more boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_accounts bigint[];
  v_subscriptions bigint[];
  v_watched bigint[];
begin
  select array_agg(o.account_id), array_agg(o.id)
  into v_accounts, v_subscriptions
  from (
    select s.account_id, s.id
    from data.subscription s
    where s.expiry_check_at <= p_now
      and (
        s.front_end_id is null
        or s.front_end_id = p_front_end_id
        or not exists (select from data.front_end f where f.id = s.front_end_id and f.state in ('serving', 'draining'))
      )
    order by s.expiry_check_at
    limit p_limit
  ) as o;

  if v_accounts is not null then
    v_watched := api.lock_watched(v_accounts, v_subscriptions);
    return query
    with held as materialized (
      select s.account_id, s.id,
        not s.is_list and not exists (select from data.watch w where w.subscriber_id = s.account_id and w.subscription_id = s.id)
          or s.account_id <> 0 and a.id is null as is_orphan,
        a.enabled is false as is_refused
      from unnest(v_accounts, v_subscriptions) as o (account_id, id)
      join data.subscription s on s.account_id = o.account_id and s.id = o.id
      left join data.account a on a.id = s.account_id
      where s.expires_at <= p_now
      for update of s skip locked
    )
    delete from data.subscription s
    using held h
    where s.account_id = h.account_id and s.id = h.id
    returning s.id, s.account_id, s.watcher, s.event, s.event_id, s.is_list, s.target, s.version + 1, s.cseq + 1, s.call_id, s.local_tag,
      s.remote_tag, s.local_uri, s.remote_uri, s.local_target, s.remote_target, array_to_string(s.route_set, E'\n'), s.front_end_id,
      s.transport, s.flow, s.received_from, case when h.is_orphan then 'noresource' when h.is_refused then 'rejected' else 'timeout' end, null::bigint[], null::boolean;

    with held as materialized (
      select s.account_id, s.id
      from unnest(v_accounts, v_subscriptions) as o (account_id, id)
      join data.subscription s on s.account_id = o.account_id and s.id = o.id
      where s.expires_at > p_now and s.expiry_check_at <= p_now
      for no key update of s skip locked
    )
    update data.subscription s
    set expiry_check_at = s.expires_at
    from held h
    where s.account_id = h.account_id and s.id = h.id;
  end if;

  subscription_id := null;
  changed := api.touch_event(v_watched, 'presence.winfo', p_now);
  more := coalesce(cardinality(v_accounts), 0) >= p_limit;
  return next;
end
$$;
