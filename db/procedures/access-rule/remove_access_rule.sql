-- Takes a rule back; p_scope and p_subject as in api.set_access_rule.
-- Lock order: the account row, then its rules.
-- Outcomes: removed, rule_unknown, account_unknown.
create or replace function api.remove_access_rule(p_user text, p_domain text, p_scope text, p_subject text)
returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account_id bigint;
begin
  select a.id into v_account_id from data.account a where a.id = api.account_id(p_user, p_domain) for no key update;
  delete from data.access_rule r where r.account_id = v_account_id and r.scope = p_scope and r.subject = p_subject;
  return query select case when v_account_id is null then 'account_unknown' when found then 'removed' else 'rule_unknown' end;
end
$$;
