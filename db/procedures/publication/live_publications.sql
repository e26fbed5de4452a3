-- The publications of an account that count at p_now: those of an endpoint only while it is registered,
-- and of presence the newest alone: baresip publishes twice when it starts, and forgets the first. Inlined where it is called.
create or replace function api.live_publications(p_account_id bigint, p_now timestamptz) returns setof data.publication
language sql stable
as $$
  select p.*
  from data.publication p
  where p.account_id = p_account_id
    and (p.expires_at is null or p.expires_at > p_now)
    and (
      p.binding_key is null
      or coalesce((
        select true from data.endpoint e where e.account_id = p_account_id and e.binding_key = p.binding_key and e.expires_at > p_now
      ), false)
    )
    and not exists (
      select
      from data.publication n
      where n.account_id = p_account_id and n.event = 'presence' and p.event = 'presence' and n.binding_key = p.binding_key
        and (n.changed_at, n.id) > (p.changed_at, p.id)
        and (n.expires_at is null or n.expires_at > p_now)
    );
$$;
