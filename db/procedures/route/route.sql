-- Where the requests of a batch are to go: for each caller and target, the endpoints to try.
-- RFC 3261 §16.5, RFC 5627 §6, RFC 3325 §5 (whose address a request is from).
--
-- One array element a request. Nothing is locked.
-- p_caller_ids, p_credential_versions: the account whose credentials were verified; null for a trusted network.
-- p_froms: who the request says it is from, user@domain; '' when unknown. p_check_froms: that must be the caller's own; null: none.
-- Arrays of what no request of the batch has may be null.
-- The target, in one of four forms:
--   p_users, p_domains                             an address of record or an alias: all its endpoints
--   and p_instances                                a public GRUU: the endpoint of that instance that was refreshed last
--   p_account_ids, p_endpoint_ids, p_incarnations  a temporary GRUU
--   p_account_ids, p_endpoint_ids, p_instance_hashes, p_uris  the other side of a dialog, whose token the request has: the
--     endpoint, else one of its instance, else one of its URI, else ('' for a hash) the account's only one without an
--     instance. Its caller and the access rules are not asked, and a stale endpoint is named where there is no other.
-- An access rule of a user beats one of a domain beats one of everyone; an account's aliases count as its address does. Of two
-- rules that match alike the one that denies counts. Without a rule all are allowed; an account itself always is.
--
-- Outcomes, one or more rows a request, in any order:
--   routed               one row for each live endpoint that is not stale (one row with null endpoint_id when there is none);
--                        refreshed_at: in µs since 1970, for api.mark_endpoint_stale
--   unknown              no such account or alias
--   disabled             the target's account
--   denied               an access rule of the target's
--   not_own_address
--   credentials_changed  another password, or disabled, since they were verified; or no such account
create or replace function api.route(
  p_caller_ids bigint[],
  p_credential_versions int[],
  p_froms text[],
  p_check_froms boolean[],
  p_users text[],
  p_domains text[],
  p_instances text[],
  p_account_ids bigint[],
  p_endpoint_ids bigint[],
  p_incarnations bigint[],
  p_instance_hashes text[],
  p_uris text[],
  p_now timestamptz default now()
) returns table (
  request int,
  outcome text,
  account_id bigint,
  endpoint_id bigint,
  front_end_id int,
  q smallint,
  uri text,
  transport text,
  flow text,
  received_from text,
  instance text,
  path text,
  refreshed_at bigint
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
-- As in api.use_nonce: one plan for ever, in which each request probes the indexes.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  return query
  select r.request, r.outcome, r.target_id, e.id, e.front_end_id, e.q, e.uri, e.transport, e.flow, e.received_from, e.instance,
    array_to_string(e.path, E'\n'), (date_part('epoch', e.refreshed_at) * 1e6)::bigint
  from (
    select r.request::int, r.incarnation, t.id as target_id,
      case
        when r.instance_hash is not null then case when t.enabled then 'routed' when t.id is null then 'unknown' else 'disabled' end
        when r.caller_id is not null and (c.enabled and c.credential_version = r.credential_version) is not true then 'credentials_changed'
        -- Of a null and a call the call would have to be made.
        when coalesce(r.check_from, false)
          and not api.is_address_of(
            c.id, left(r.sender, -strpos(reverse(r.sender), '@')), right(r.sender, strpos(reverse(r.sender), '@') - 1)
          ) then 'not_own_address'
        when t.id is null then 'unknown'
        when not t.enabled then 'disabled'
        -- Not "exists", for which a generic plan may read the whole table.
        when coalesce((select true from data.access_rule s where s.account_id = t.id limit 1), false)
          and api.access_denied(
            t.id, c.id, left(r.sender, -strpos(reverse(r.sender), '@')), right(r.sender, strpos(reverse(r.sender), '@') - 1)
          ) then 'denied'
        else 'routed'
      end as outcome,
      -- The one endpoint to try; null: all of them.
      case
        -- Most dialogs end before their endpoints leave.
        when r.instance_hash is not null then coalesce(
            (
              select o.id
              from data.endpoint o
              where o.account_id = t.id and o.id = r.endpoint_id and o.expires_at > p_now and o.stale_at is null
              limit 1
            ),
            api.dialog_endpoint(t.id, r.endpoint_id, r.instance_hash, r.uri, p_now)
          )
        when r.instance is not null then api.instance_endpoint(t.id, r.instance, p_now)
        else r.endpoint_id
      end as endpoint_id
    from unnest(
        p_caller_ids, p_credential_versions, p_froms, p_check_froms, p_users, p_domains, p_instances,
        p_account_ids, p_endpoint_ids, p_incarnations, p_instance_hashes, p_uris
      ) with ordinality as r (
        caller_id, credential_version, sender, check_from, user_part, domain, instance,
        account_id, endpoint_id, incarnation, instance_hash, uri, request
      )
    -- "offset 0" keeps the order of the joins, also by a plan made while the tables were empty. What few requests need is in
    -- procedures of its own, since the executor prepares all of a plan for each batch.
    left join lateral (
      select a.id, a.enabled, a.credential_version from data.account a where a.id = r.caller_id offset 0
    ) as c on true
    left join lateral (
      select a.id, a.enabled from data.account a where a.id = r.account_id
      union all
      select a.id, a.enabled
      from data.account a
      where r.account_id is null and a.domain_id = (select d.id from data.domain d where d.name = r.domain) and a.user_part = r.user_part
      union all
      select a.account_id, a.enabled from api.find_alias(r.user_part, r.domain) as a where r.account_id is null
      limit 1
    ) as t on true
    offset 0
  ) as r
  left join lateral (
    select e.id, e.front_end_id, e.q, e.uri, e.transport, e.flow, e.received_from, e.instance, e.path, e.refreshed_at
    from data.endpoint e
    where e.account_id = r.target_id
      and r.outcome = 'routed'
      and e.expires_at > p_now
      and case
        when r.endpoint_id is null then e.stale_at is null
        else e.id = r.endpoint_id and (r.incarnation is null or e.incarnation = r.incarnation and e.stale_at is null)
      end
    offset 0
  ) as e on true;
end
$$;
