-- Declares the front ends dead whose lease has run out, and removes, at most p_limit a call, the endpoints whose flow was a
-- connection to one that is dead or has left: nobody reaches those any more. Any front end may call it. Endpoints over UDP
-- and HTTP stay until they expire. A front end's row goes in the transaction that removes the last of its endpoints.
--
-- Lock order: front-end rows, then account rows, both as far as nobody holds them (skip locked: it never waits, so it
-- cannot deadlock); then endpoints.
-- Outcomes, one row for each front end: died (declared dead by this call), removing (was dead or had left before).
-- more: there may be more of its endpoints; call again at once. Then one row for each account of which notifications are due: changed.
create or replace function api.remove_dead_front_ends(
  p_limit int default 500,
  p_now timestamptz default now()
) returns table (
  outcome text,
  front_end_id int,
  process_id int,
  addresses jsonb,
  renewed_at timestamptz,
  endpoints_removed int,
  more boolean,
  changed_account_id bigint
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_front_end data.front_end;
  v_accounts bigint[];
  v_binding_keys text[];
  v_changed bigint[];
begin
  for v_front_end in
    select * from data.front_end f
    where f.state in ('left', 'dead') or f.lease_expires_at <= p_now
    order by f.id
    for update skip locked
  loop
    select array_agg(c.account_id), array_agg(c.binding_key)
    into v_accounts, v_binding_keys
    from (
      select e.account_id, e.binding_key
      from data.endpoint e
      where e.front_end_id = v_front_end.id and e.transport in ('TCP', 'TLS', 'WS', 'WSS')
      limit p_limit
    ) as c;

    endpoints_removed := 0;
    if v_accounts is not null then
      -- Under the locks the rows are read again: the client may have registered through another front end meanwhile.
      with gone as (
        delete from data.endpoint e
        using unnest(v_accounts, v_binding_keys) as c (account_id, binding_key)
        where e.account_id = any (array(
            select a.id from data.account a where a.id = any (v_accounts) order by a.id for no key update skip locked
          ))
          and e.account_id = c.account_id
          and e.binding_key = c.binding_key
          and e.front_end_id = v_front_end.id
          and e.transport in ('TCP', 'TLS', 'WS', 'WSS')
        returning e.account_id
      )
      select count(*), v_changed || array_agg(g.account_id) into endpoints_removed, v_changed from gone g;
      update data.front_end f set state = 'dead' where f.id = v_front_end.id and f.state not in ('left', 'dead');
    else
      delete from data.front_end f where f.id = v_front_end.id;
    end if;

    outcome := case when v_front_end.state in ('left', 'dead') then 'removing' else 'died' end;
    front_end_id := v_front_end.id;
    process_id := v_front_end.process_id;
    addresses := v_front_end.addresses;
    renewed_at := v_front_end.renewed_at;
    -- None removed although there are some: their accounts are held by others now.
    more := endpoints_removed > 0;
    return next;
  end loop;

  return query
  select 'changed', null::int, null::int, null::jsonb, null::timestamptz, null::int, null::boolean, c.account_id
  from unnest(api.endpoints_changed(v_changed, p_now, null)) as c (account_id);
end
$$;
