-- Whether an account's access rules deny its being reached by a caller (null: one of a trusted network) whose request says that
-- it is from p_user@p_domain. The caller is also known by its address of record and its aliases, so that none of them is a way
-- round a rule. For api.route, which says what beats what.
create or replace function api.access_denied(p_account_id bigint, p_caller_id bigint, p_user text, p_domain text) returns boolean
language plpgsql stable
as $$
declare
  v_domain_ids int[];
  v_users text[];
  v_domains text[];
begin
  if p_caller_id = p_account_id then
    return false;
  end if;

  if p_caller_id is not null then
    select array_agg(n.domain_id), array_agg(n.user_part)
    into v_domain_ids, v_users
    from (
      select a.domain_id, a.user_part from data.account a where a.id = p_caller_id
      union all
      select l.domain_id, l.user_part from data.account_alias l where l.account_id = p_caller_id
    ) as n;
    select array_agg((select d.name from data.domain d where d.id = n.domain_id) order by n.place)
    into v_domains
    from unnest(v_domain_ids) with ordinality as n (domain_id, place);
  end if;

  return 'deny' = (
    select s.communication
    from data.access_rule s
    where s.account_id = p_account_id
      and case s.scope
        when 'everyone' then true
        when 'domain' then s.subject = any (v_domains || p_domain)
        else s.subject = any (
          array(select n.user_part || '@' || n.domain from unnest(v_users, v_domains) as n (user_part, domain)) || (p_user || '@' || p_domain)
        )
      end
    order by case s.scope when 'user' then 1 when 'domain' then 2 else 3 end, s.communication desc
    limit 1
  );
end
$$;
