-- Which access level a watcher (0 or null: outside the pool) who is p_watcher (user@domain) has with an account: an account sees
-- all of itself; then the most specific rule that says a level counts, of a user, of a domain, of everyone; of two that match
-- alike the one that lets see less. A watcher is also known by its aliases. Without a rule: p_default.
create or replace function api.access_level(p_account_id bigint, p_watcher_id bigint, p_watcher text, p_default text) returns text
language plpgsql stable
as $$
declare
  v_names text[] := array[p_watcher];
begin
  if p_watcher_id = p_account_id then
    return 'personal';
  end if;

  if p_watcher_id <> 0 then
    v_names := v_names || api.account_names(p_watcher_id);
  end if;
  return coalesce(
    (
      select l.level
      from data.access_rule r
      join data.access_level l on l.level = r.level
      where r.account_id = p_account_id and r.scope = 'user' and r.subject = any (v_names)
      order by l.rank
      limit 1
    ),
    (
      select l.level
      from data.access_rule r
      join data.access_level l on l.level = r.level
      where r.account_id = p_account_id and r.scope = 'domain'
        and r.subject = any (array(select right(n.name, strpos(reverse(n.name), '@') - 1) from unnest(v_names) as n (name)))
      order by l.rank
      limit 1
    ),
    (select r.level from data.access_rule r where r.account_id = p_account_id and r.scope = 'everyone' and r.subject = ''),
    p_default
  );
end
$$;
