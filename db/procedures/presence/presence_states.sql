-- What each access level sees of accounts at p_now (docs/presence.md has it as a table): of each field the newest publication
-- that has it, and one availability of all endpoints, publications, and what the user says.
create or replace function api.presence_states(p_account_ids bigint[], p_now timestamptz)
returns table (account_id bigint, level text, state jsonb)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  return query
  select s.account_id, l.level,
    jsonb_build_object('availability', s.availability) || (
      case
        when s.availability = 18000 then s.fields - '{open,stated,idle,idleSince,activity,calendar,phone,location,services}'::text[]
        when s.machine = 4500 then s.fields - '{open,stated,idle}'::text[]
        else s.fields - '{open,stated,idle,idleSince}'::text[]
      end
      - array_remove(array[
        case when not l.activity then 'activity' end, case when not l.note then 'note' end, case when not l.calendar then 'calendar' end,
        case when not l.phone then 'phone' end, case when not l.location then 'location' end,
        case when not l.device then 'idleSince' end, case when not l.services then 'services' end,
        case when not l.person then 'person' end
      ], null)
    )
  from (
    select a.account_id, f.fields, m.machine,
      case
        when m.machine is null or f.fields ->> 'stated' = 'offline' then 18000
        when f.fields ->> 'stated' = 'away' then 15000
        when f.fields ->> 'stated' = 'be-right-back' then 12000
        when f.fields ->> 'stated' = 'do-not-disturb' then 9000
        when f.fields ->> 'stated' = 'busy'
          or f.fields ->> 'stated' is null and f.fields ->> 'activity' in ('on-the-phone', 'meeting', 'appointment')
          then case m.machine when 4500 then 7500 else 6000 end
        else m.machine
      end as availability
    from unnest(p_account_ids) as a (account_id)
    -- Of a key that comes more than once the last counts.
    left join lateral (
      select coalesce(jsonb_object_agg(f.key, f.value order by p.changed_at, p.id), '{}') as fields
      from api.live_publications(a.account_id, p_now) as p, jsonb_each(p.state) as f
      where p.event = 'presence'
    ) as f on true
    left join lateral (
      select min(m.machine) as machine
      from (
        select case p.state -> 'idle' when 'true' then 4500 else 3000 end as machine
        from api.live_publications(a.account_id, p_now) as p
        where p.event = 'presence' and p.id <> 0 and p.state -> 'open' = 'true'
        union all
        select 3000
        from data.endpoint e
        where e.account_id = a.account_id
          and e.expires_at > p_now
          and not exists (
            select
            from data.publication p
            where p.account_id = a.account_id and p.event = 'presence' and p.binding_key = e.binding_key
              and (p.expires_at is null or p.expires_at > p_now)
          )
      ) as m
    ) as m on true
  ) as s
  cross join data.access_level l
  where l.level <> 'blocked';
end
$$;
