-- Says whether some may reach an account with messages and calls, and what they see of its presence. p_scope and p_subject:
-- 'everyone' and ''; 'domain' and its name; 'user' and user@domain. Domains in lower case, user parts unescaped. p_says:
-- {"communication", "level"}, as in api.write_access_rules. api.access_denied and api.access_level say what beats what.
-- Lock order: the account row, then its rules and event states.
-- Outcomes: set, unchanged, too_many_rules (the account has p_maximum), account_unknown.
create or replace function api.set_access_rule(
  p_user text,
  p_domain text,
  p_scope text,
  p_subject text,
  p_says jsonb,
  p_maximum int default 10000,
  p_now timestamptz default now()
) returns table (outcome text, account_id bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account_id bigint;
  v_outcome text;
begin
  select a.id into v_account_id from data.account a where a.id = api.account_id(p_user, p_domain) for no key update;
  if v_account_id is null then
    return query select 'account_unknown', null::bigint;
    return;
  end if;
  v_outcome := api.write_access_rules(
    v_account_id, false, jsonb_build_array(p_says || jsonb_build_object('scope', p_scope, 'subject', p_subject)), p_maximum, p_now
  );
  return query select case v_outcome when 'changed' then 'set' else v_outcome end, v_account_id;
end
$$;
