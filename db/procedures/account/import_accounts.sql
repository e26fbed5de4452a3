-- Adds accounts, or gives existing ones other credentials; importing the same again changes nothing.
-- One array element an account. HA1s as in RFC 7616 §3.4.2, null where an algorithm is not to be offered.
--
-- Lock order: domains, shared (api.add_alias says why), ascending id; existing account rows and those that have new ones
-- as contacts, ascending id; then new ones.
-- Outcomes, one row an account: added, changed (credential_version grows), unchanged, domain_unknown, alias (of an account),
-- duplicate (the same address of record comes later in the arrays; the last one counts).
create or replace function api.import_accounts(
  p_users text[],
  p_domains text[],
  p_roles text[],
  p_md5s bytea[],
  p_sha_256s bytea[],
  p_sha_512_256s bytea[]
) returns table (account int, outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_domain_ids int[];
  v_last int[];
  v_existing bigint[];
  v_added bigint[];
  v_changed bigint[];
begin
  perform from data.domain d where d.name = any (p_domains) order by d.id for share;

  select array_agg(d.id order by r.account), array_agg(r.last order by r.account)
  into v_domain_ids, v_last
  from (
    select *, max(account) over (partition by user_part, domain) as last
    from unnest(p_users, p_domains) with ordinality as r (user_part, domain, account)
  ) as r
  left join data.domain d on d.name = r.domain;

  select array_agg(l.id) filter (where l.is_existing) into v_existing
  from (
    select a.id, r.is_existing
    from (
      select e.id, true as is_existing
      from unnest(p_users, v_domain_ids) as n (user_part, domain_id)
      join data.account e on e.domain_id = n.domain_id and e.user_part = n.user_part
      union all
      select unnest(api.contact_owners(array(select n.user_part || '@' || n.domain from unnest(p_users, p_domains) as n (user_part, domain)))), false
    ) as r
    join data.account a on a.id = r.id
    order by a.id
    for no key update of a
  ) as l;

  with added as (
    insert into data.account (domain_id, user_part, role)
    select v_domain_ids[r.account], r.user_part, r.role
    from unnest(p_users, p_roles, v_last) with ordinality as r (user_part, role, last, account)
    where v_domain_ids[r.account] is not null and r.last = r.account
      and not exists (select from data.account_alias l where l.domain_id = v_domain_ids[r.account] and l.user_part = r.user_part)
    -- In one order everywhere, so that two imports of the same new accounts cannot deadlock.
    order by v_domain_ids[r.account], r.user_part
    on conflict (domain_id, user_part) do nothing
    returning id
  )
  select array_agg(a.id) into v_added from added a;

  with changed as (
    insert into data.credential as c (account_id, md5, sha_256, sha_512_256)
    select a.id, r.md5, r.sha_256, r.sha_512_256
    from unnest(p_users, p_md5s, p_sha_256s, p_sha_512_256s, v_last) with ordinality as r (user_part, md5, sha_256, sha_512_256, last, account)
    join data.account a on a.domain_id = v_domain_ids[r.account] and a.user_part = r.user_part
    where r.last = r.account and (a.id = any (v_added) or a.id = any (v_existing))
    on conflict (account_id, id) do update set md5 = excluded.md5, sha_256 = excluded.sha_256, sha_512_256 = excluded.sha_512_256
    where (c.md5, c.sha_256, c.sha_512_256) is distinct from (excluded.md5, excluded.sha_256, excluded.sha_512_256)
    returning account_id
  )
  select array_agg(c.account_id) into v_changed from changed c where c.account_id = any (v_existing);

  update data.account a set credential_version = a.credential_version + 1 where a.id = any (v_changed);

  perform api.link_contacts(array_agg(a.user_part || '@' || d.name), array_agg(a.id))
  from data.account a
  join data.domain d on d.id = a.domain_id
  where a.id = any (v_added)
  having count(*) > 0;

  return query
  select
    r.account::int,
    case
      when v_domain_ids[r.account] is null then 'domain_unknown'
      when r.last <> r.account then 'duplicate'
      when a.id is null then 'alias'
      when a.id = any (v_added) then 'added'
      when a.id = any (v_changed) then 'changed'
      else 'unchanged'
    end
  from unnest(p_users, v_last) with ordinality as r (user_part, last, account)
  left join data.account a on a.domain_id = v_domain_ids[r.account] and a.user_part = r.user_part
  order by r.account;
end
$$;
