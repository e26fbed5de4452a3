-- Removes the bindings that the requests of a batch ask to be removed; the arrays are those of api.register, which holds the locks
-- of the accounts' rows. An HTTP endpoint is told.
create or replace function api.remove_bindings(
  p_account_ids bigint[],
  p_remove_alls boolean[],
  p_outcomes text[],
  p_binding_requests int[],
  p_expires int[],
  p_keys text[],
  p_instances text[],
  p_reg_ids int[],
  p_now timestamptz
) returns table (
  request int,
  endpoint_id bigint,
  uri text,
  q smallint,
  instance text,
  reg_id int,
  parameters text,
  incarnation bigint,
  front_end_id int,
  flow text
)
language plpgsql
as $$
#variable_conflict use_column
begin
  return query
  with gone as (
    delete from data.endpoint e
    using unnest(p_account_ids, p_remove_alls, p_outcomes) with ordinality as r (account_id, remove_all, outcome, request)
    where e.account_id = any (p_account_ids)
      and e.account_id = r.account_id
      and e.expires_at > p_now
      and r.outcome = 'accepted'
      and (
        r.remove_all
        or (e.account_id, e.binding_key) in (
          select p_account_ids[b.request], api.binding_key(b.key, b.instance, b.reg_id)
          from unnest(p_binding_requests, p_expires, p_keys, p_instances, p_reg_ids) as b (request, expires, key, instance, reg_id)
          where b.expires = 0
        )
      )
    returning r.request::int, e.*
  ),
  told as (
    insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
    select g.account_id, nextval('data.endpoint_id'), p_now, 'removed', 'deleted', g.instance from gone g where g.transport = 'HTTP'
  )
  select g.request, g.id, g.uri, g.q, g.instance, g.reg_id, g.parameters, g.incarnation, g.front_end_id, g.flow from gone g;
end
$$;
