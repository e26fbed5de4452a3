-- Closes a session: its refresh token is void at once, and its access tokens write nothing any more.
-- Lock order: the account row, then the session.
-- Outcomes: closed, session_unknown.
create or replace function api.close_session(p_account_id bigint, p_session_id uuid) returns table (outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from data.account a where a.id = p_account_id for no key update;
  delete from data.session s where s.account_id = p_account_id and s.id = p_session_id;
  return query select case when found then 'closed' else 'session_unknown' end;
end
$$;
