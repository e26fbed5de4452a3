-- Entries that have no account, or one that is not as they ask, by DN; and why, as it is now.
create or replace function api.list_directory_problems(p_limit int)
returns table (entry_id uuid, dn text, problem text, address text, keeps text, detail text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select e.entry_id, e.dn, e.problem, e.user_part || '@' || e.domain, a.user_part || '@' || ad.name,
    case e.problem
      when 'domain_unknown' then format('the pool does not serve %s: serve it, or map it to another domain', e.domain)
      when 'conflict' then case
        when l.account_id is not null then format('is an alias of %s', (api.account_names(l.account_id))[1])
        when h.id is null then 'also asked for by ' || (
          select string_agg(o.dn, '; ' order by o.dn)
          from (
            select o.dn from data.directory_entry o
            where o.domain = e.domain and o.user_part = e.user_part and o.entry_id <> e.entry_id and o.gone_at is null
            order by o.dn
            limit 10
          ) as o
        )
        when o.entry_id is null then 'belongs to an account that does not follow the directory'
        when o.gone_at is not null then format(
          'belongs to an account whose entry %s is gone; it is removed after %s, or now by: rollcall account remove sip:%s@%s',
          o.dn, to_char(o.gone_at at time zone 'UTC' + g.grace_days * interval '1 day', 'YYYY-MM-DD'), e.user_part, e.domain
        )
        else format('belongs to %s', o.dn)
      end
      else e.detail
    end
  from data.directory g
  cross join data.directory_entry e
  left join data.account a on a.id = e.account_id
  left join data.domain ad on ad.id = a.domain_id
  left join data.domain d on d.name = e.domain
  left join data.account h on h.domain_id = d.id and h.user_part = e.user_part
  left join data.directory_entry o on o.account_id = h.id
  left join data.account_alias l on l.domain_id = d.id and l.user_part = e.user_part
  where e.problem is not null
  order by e.dn
  limit p_limit;
$$;
