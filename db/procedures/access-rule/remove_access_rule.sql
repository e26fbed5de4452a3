-- Takes a rule back; p_scope and p_subject as in api.set_access_rule.
-- Lock order: the account row, then its rules and event states.
-- Outcomes: removed, rule_unknown, account_unknown.
create or replace function api.remove_access_rule(p_user text, p_domain text, p_scope text, p_subject text, p_now timestamptz default now())
returns table (outcome text, account_id bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_outcome text;
  v_account_id bigint;
begin
  select s.outcome, s.account_id into v_outcome, v_account_id
  from api.set_access_rule(p_user, p_domain, p_scope, p_subject, '{"communication": null, "level": null}', p_now => p_now) as s;
  return query select case v_outcome when 'set' then 'removed' when 'unchanged' then 'rule_unknown' else v_outcome end, v_account_id;
end
$$;
