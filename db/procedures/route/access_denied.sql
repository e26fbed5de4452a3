-- Whether an account's access rules deny its being reached by a caller (null: one of a trusted network) whose request says that
-- it is from p_user@p_domain. The caller is also known by its address of record and its aliases, so that none of them is a way
-- round a rule. A rule without a word of communication denies if its level is blocked, and else says nothing.
-- For api.route, which says what beats what.
create or replace function api.access_denied(p_account_id bigint, p_caller_id bigint, p_user text, p_domain text) returns boolean
language plpgsql stable
as $$
declare
  v_names text[] := array[p_user || '@' || p_domain];
begin
  if p_caller_id = p_account_id then
    return false;
  end if;

  if p_caller_id is not null then
    v_names := v_names || api.account_names(p_caller_id);
  end if;
  return 'deny' = coalesce(
    (
      select max(coalesce(r.communication, 'deny'))
      from data.access_rule r
      where r.account_id = p_account_id and r.scope = 'user' and r.subject = any (v_names)
        and (r.communication is not null or r.level = 'blocked')
    ),
    (
      select max(coalesce(r.communication, 'deny'))
      from data.access_rule r
      where r.account_id = p_account_id and r.scope = 'domain'
        and r.subject = any (array(select right(n.name, strpos(reverse(n.name), '@') - 1) from unnest(v_names) as n (name)))
        and (r.communication is not null or r.level = 'blocked')
    ),
    (
      select coalesce(r.communication, case r.level when 'blocked' then 'deny' end)
      from data.access_rule r
      where r.account_id = p_account_id and r.scope = 'everyone' and r.subject = ''
    ),
    'allow'
  );
end
$$;
