-- One request of api.publish, which holds the lock of the account's row. An account has 32 publications at most: the one that
-- was changed longest ago goes. changed: what it says is another than before, or it ends sooner.
-- Outcomes: published, no_match.
create or replace function api.store_publication(
  p_account_id bigint,
  p_event text,
  p_publication_id bigint,
  p_version int,
  p_state jsonb,
  p_expires int,
  p_binding_key text,
  p_now timestamptz,
  out outcome text,
  out publication_id bigint,
  out version int,
  out changed boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_old data.publication;
begin
  if p_publication_id is not null then
    -- Nobody has the tag of what is said by hand.
    select * into v_old
    from data.publication p
    where p.account_id = p_account_id and p.id = p_publication_id and p.id <> 0 and p.event = p_event and p.version = p_version
      and p.expires_at > p_now;
    if v_old.id is null then
      outcome := 'no_match';
      return;
    end if;
  end if;

  outcome := 'published';
  if p_expires = 0 then
    delete from data.publication p where p.account_id = p_account_id and p.id = v_old.id;
    changed := found;
    -- One that is new is over at once (RFC 3903 §6 step 5): it has a tag that matches nothing.
    publication_id := coalesce(v_old.id, nextval('data.endpoint_id'));
    version := coalesce(v_old.version, 1);
  elsif v_old.id is not null then
    changed := p_state is not null and p_state <> v_old.state;
    update data.publication p
    set version = p.version + 1,
      state = case when changed then p_state else p.state end,
      changed_at = case when changed then p_now else p.changed_at end,
      binding_key = coalesce(p_binding_key, p.binding_key),
      expires_at = p_now + p_expires * interval '1 second'
    where p.account_id = p_account_id and p.id = v_old.id
    returning p.id, p.version, changed or p.binding_key is distinct from v_old.binding_key or p.expires_at < v_old.expires_at into publication_id, version, changed;
  elsif p_state is not null then
    changed := true;
    insert into data.publication (account_id, id, version, event, binding_key, state, changed_at, expires_at)
    values (p_account_id, nextval('data.endpoint_id'), 1, p_event, p_binding_key, p_state, p_now, p_now + p_expires * interval '1 second')
    returning id, version into publication_id, version;
    delete from data.publication p
    where p.account_id = p_account_id
      and p.id in (
        select o.id from data.publication o where o.account_id = p_account_id and o.id <> 0 order by o.changed_at desc, o.id desc offset 32
      );
  else
    -- A refresh of nothing.
    outcome := 'no_match';
  end if;
end
$$;
