-- Makes a subscription (RFC 6665 §4.2.1), refreshes it (p_subscription_id), ends it (p_expires 0 with p_subscription_id), or only asks
-- (p_expires 0 alone). Who acts: an account whose credentials of that version were verified; else p_watcher, user@domain: the
-- account that has this address or, with p_is_outside, somebody outside the pool. p_is_list: its own contacts (RFC 4662).
-- p_min_interval: ms between two notifications (RFC 6446); lists have 500 at least, also when it is null.
-- p_tag: random hexadecimal digits, for the local tag of a new dialog.
--
-- Lock order: account rows, ascending id (the watcher, the target, and contacts of whom nothing is known yet); then the
-- subscription. What a refresh is about stays as it is.
-- Outcomes, one row:
--   subscribed  a full notification is due; changed: accounts of whose watchers notifications are due
--   ended       notification: rows of api.take_notifications, the last that the watcher is told
--   no_dialog, out_of_order  of a refresh
--   unknown, disabled        the target
--   too_many                 the watcher has p_maximum subscriptions
--   forbidden                this event is told to the account itself only
--   not_own_address          a list of somebody else's address
--   credentials_changed
create or replace function api.subscribe(
  p_account_id bigint,
  p_credential_version int,
  p_watcher text,
  p_is_outside boolean,
  p_user text,
  p_domain text,
  p_is_list boolean,
  p_event text,
  p_event_id text,
  p_expires int,
  p_subscription_id bigint,
  p_tag text,
  p_call_id text,
  p_local_tag text,
  p_remote_tag text,
  p_local_uri text,
  p_remote_uri text,
  p_local_target text,
  p_remote_target text,
  p_route_set text[],
  p_remote_cseq bigint,
  p_front_end_id int,
  p_transport text,
  p_flow text,
  p_received_from text,
  p_binding_key text,
  p_min_interval int,
  p_maximum int,
  p_now timestamptz default now()
) returns table (outcome text, account_id bigint, subscription_id bigint, local_tag text, changed bigint[], notification jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_account_id bigint := p_account_id;
  v_target_id bigint;
  v_accounts bigint[];
  v_cold bigint[];
  v_binding_key text := p_binding_key;
  v_id bigint := p_subscription_id;
  v_tag text := p_local_tag;
  v_subscription data.subscription;
begin
  if v_account_id is null and not p_is_outside then
    v_account_id := api.find_account(left(p_watcher, -strpos(reverse(p_watcher), '@')), right(p_watcher, strpos(reverse(p_watcher), '@') - 1));
  end if;
  v_account_id := coalesce(v_account_id, 0);
  -- A dialog names nobody: whom it was about is told that it has ended.
  v_target_id := case
    when p_subscription_id is null then api.find_account(p_user, p_domain)
    when p_expires = 0 then (
      select w.account_id
      from data.watch w
      join data.subscription s on s.account_id = w.subscriber_id and s.id = w.subscription_id
      where w.subscriber_id = v_account_id and w.subscription_id = p_subscription_id and not s.is_list
    )
  end;

  -- Of contacts that nobody has asked for yet there is nothing to tell: that is made here.
  if p_subscription_id is null and p_is_list then
    v_cold := array(
      select distinct c.contact_account_id
      from data.contact c
      where c.account_id = v_account_id and not c.removed and c.contact_account_id is not null
        and not exists (select from data.event_state s where s.account_id = c.contact_account_id and s.event = 'presence' and s.level = 'public')
    );
  elsif p_subscription_id is null and p_event = 'presence'
    and not exists (select from data.event_state s where s.account_id = v_target_id and s.event = 'presence' and s.level = 'public') then
    v_cold := array[v_target_id];
  end if;
  v_accounts := array(
    select a.id from data.account a where a.id = any (v_cold || v_account_id || v_target_id) order by a.id for no key update
  );

  outcome := api.may_subscribe(
    v_account_id, p_account_id is not null, p_credential_version, v_target_id, p_user, p_domain, p_is_list, p_event, p_subscription_id is null
  );
  if outcome = 'subscribed' and p_subscription_id is not null then
    select * into v_subscription
    from data.subscription s
    where s.account_id = v_account_id and s.id = p_subscription_id
      and s.local_tag = p_local_tag and s.remote_tag = p_remote_tag and s.call_id = p_call_id and s.expires_at > p_now
    for update;
    outcome := case
      when v_subscription.id is null then 'no_dialog'
      when p_remote_cseq <= v_subscription.remote_cseq then 'out_of_order'
      else outcome
    end;
  elsif outcome = 'subscribed' and p_expires > 0 and p_maximum <= (
      select count(*)
      from (
        select
        from data.subscription s
        where s.account_id = v_account_id and (v_account_id <> 0 or s.watcher = p_watcher) and s.expires_at > p_now
        limit p_maximum
      ) as s
    ) then
    outcome := 'too_many';
  end if;
  if outcome <> 'subscribed' then
    return next;
    return;
  end if;

  v_binding_key := coalesce(v_binding_key, (
    select e.binding_key
    from data.endpoint e
    where e.account_id = v_account_id and e.front_end_id = p_front_end_id and e.flow = p_flow and e.transport = p_transport
      and e.expires_at > p_now
    order by e.refreshed_at desc
    limit 1
  ));
  if p_subscription_id is not null then
    update data.subscription s
    set remote_cseq = p_remote_cseq, remote_target = p_remote_target, route_set = s.route_set,
      binding_key = coalesce(v_binding_key, s.binding_key), front_end_id = p_front_end_id, transport = p_transport, flow = p_flow,
      received_from = p_received_from, full_due = true,
      min_interval = greatest(p_min_interval, case when s.is_list then 500 else 0 end),
      expires_at = case p_expires when 0 then p_now + interval '1 second' else p_now + p_expires * interval '1 second' end,
      expiry_check_at = least(s.expiry_check_at, p_now + p_expires * interval '1 second')
    where s.account_id = v_account_id and s.id = p_subscription_id;
  else
    perform api.aggregate_presence(array(select a.id from unnest(v_cold) as a (id) where a.id = any (v_accounts) order by a.id), p_now);
    if p_event <> 'presence' then
      insert into data.event_state (account_id, event, level, version, changed_at)
      values (v_target_id, p_event, '', (date_part('epoch', p_now) * 1000)::bigint, p_now)
      on conflict (account_id, event, level) do nothing;
    end if;

    v_id := nextval('data.endpoint_id');
    v_tag := 'rollcall-s.' || to_hex(v_account_id) || '.' || to_hex(v_id) || '.' || p_tag;
    insert into data.subscription (
      account_id, id, watcher, event, event_id, is_list, target, call_id, local_tag, remote_tag, local_uri, remote_uri, local_target,
      remote_target, route_set, remote_cseq, binding_key, front_end_id, transport, flow, received_from, min_interval, expires_at,
      expiry_check_at
    )
    values (
      v_account_id, v_id, coalesce((api.account_names(v_account_id))[1], p_watcher), p_event, p_event_id, p_is_list, p_user || '@' || p_domain,
      p_call_id, v_tag, p_remote_tag, p_local_uri, p_remote_uri, p_local_target, p_remote_target, p_route_set, p_remote_cseq,
      v_binding_key, p_front_end_id, p_transport, p_flow, p_received_from, greatest(p_min_interval, case when p_is_list then 500 else 0 end),
      p_now + greatest(p_expires, 1) * interval '1 second', p_now + p_expires * interval '1 second'
    );
    perform api.add_watches(
      v_account_id, v_id, p_event, coalesce((api.account_names(v_account_id))[1], p_watcher),
      case when not p_is_list then v_target_id end, p_user || '@' || p_domain
    );
  end if;

  account_id := v_account_id;
  subscription_id := v_id;
  local_tag := v_tag;
  changed := '{}';
  -- Who only asks is no watcher.
  if p_event = 'presence' and not p_is_list and (p_subscription_id is null) <> (p_expires = 0) then
    changed := api.touch_event(array[v_target_id], 'presence.winfo', p_now);
  end if;
  if p_expires = 0 then
    outcome := 'ended';
    notification := (
      select jsonb_agg(to_jsonb(n))
      from api.take_notifications(p_front_end_id, null, array[v_account_id], array[v_id], null, null, 1, p_now) as n
      where n.more is null
    );
    delete from data.subscription s where s.account_id = v_account_id and s.id = v_id;
  end if;
  return next;
end
$$;
