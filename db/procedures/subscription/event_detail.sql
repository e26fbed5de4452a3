-- What watchers of an event package without levels are told, as it is at p_now. For api.take_notifications.
create or replace function api.event_detail(p_account_id bigint, p_event text, p_now timestamptz) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return case p_event
    when 'reg' then jsonb_build_object('endpoints', coalesce((
      select jsonb_agg(
        jsonb_strip_nulls(jsonb_build_object(
          'id', e.id, 'uri', e.uri, 'expiresIn', ceil(date_part('epoch', e.expires_at - p_now)), 'callId', e.call_id, 'cseq', e.cseq,
          'registeredAt', e.registered_at, 'instance', e.instance, 'q', e.q
        ))
        order by e.id
      )
      from data.endpoint e
      where e.account_id = p_account_id and e.expires_at > p_now
    ), '[]'))
    -- Who watches a list of contacts is not named: whoever they add is told so already (data.contact_notice).
    when 'presence.winfo' then jsonb_build_object('watchers', coalesce((
      select jsonb_agg(
        jsonb_build_object('id', s.id, 'watcher', s.watcher, 'expiresIn', ceil(date_part('epoch', s.expires_at - p_now))) order by s.id
      )
      from data.watch w
      join data.subscription s on s.account_id = w.subscriber_id and s.id = w.subscription_id
      where w.account_id = p_account_id and w.event = 'presence' and not s.is_list and s.expires_at > p_now
    ), '[]'))
    when 'dialog' then jsonb_build_object('documents', coalesce((
      select jsonb_agg(p.state -> 'document' order by p.id)
      from api.live_publications(p_account_id, p_now) as p
      where p.event = 'dialog'
    ), '[]'))
    when 'message-summary' then jsonb_build_object(
      'messages', (select count(*) from data.message m where m.account_id = p_account_id and m.expires_at > p_now)
    )
    when 'xcap-diff' then jsonb_build_object(
      'contacts', coalesce((select l.version from data.contact_list l where l.account_id = p_account_id and not l.removed), 0),
      'rules', coalesce((select r.version from data.access_rule_set r where r.account_id = p_account_id and not r.removed), 0)
    )
  end;
end
$$;
