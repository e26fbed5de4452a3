-- Says whether some may reach an account with messages and calls. p_scope and p_subject: 'everyone' and ''; 'domain' and its
-- name; 'user' and user@domain. Domains in lower case, user parts unescaped. api.route says what beats what.
-- Lock order: the account row, then its rules.
-- Outcomes: set, unchanged, too_many_rules (the account has p_maximum), account_unknown.
create or replace function api.set_access_rule(
  p_user text,
  p_domain text,
  p_scope text,
  p_subject text,
  p_communication text,
  p_maximum int default 1000
) returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account_id bigint;
  v_communication text;
begin
  select a.id into v_account_id from data.account a where a.id = api.account_id(p_user, p_domain) for no key update;
  select r.communication into v_communication
  from data.access_rule r
  where r.account_id = v_account_id and r.scope = p_scope and r.subject = p_subject;
  if v_account_id is null then
    return query select 'account_unknown';
  elsif v_communication = p_communication then
    return query select 'unchanged';
  elsif v_communication is null and p_maximum <= (select count(*) from data.access_rule r where r.account_id = v_account_id) then
    return query select 'too_many_rules';
  else
    insert into data.access_rule as r (account_id, scope, subject, communication)
    values (v_account_id, p_scope, p_subject, p_communication)
    on conflict (account_id, scope, subject) do update set communication = excluded.communication;
    return query select 'set';
  end if;
end
$$;
