-- The publications of an account that count at p_now: those of an endpoint only while it is registered. Inlined where it is called.
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
    );
$$;
