-- The access level that a watcher has with an account where no access rule says one: company for who is of the same domain.
create or replace function api.default_level(p_account_id bigint, p_watcher_id bigint, p_watcher text) returns text
language plpgsql stable
as $$
begin
  return case
    when p_watcher_id = p_account_id then 'personal'
    when p_watcher_id <> 0
      and right(p_watcher, strpos(reverse(p_watcher), '@') - 1) = (
        select d.name from data.domain d where d.id = (select a.domain_id from data.account a where a.id = p_account_id)
      )
      then 'company'
    else 'public'
  end;
end
$$;
