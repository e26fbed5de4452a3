-- Carries the messages of the bus to every process that listens, when this transaction commits.
--
-- In a transaction of its own, after the one that the messages are about: commits that notify take turns in the whole
-- server, and a batch of registrations is not to wait for that.
-- Lock order: the queue of notifications, at commit.
create or replace function api.notify(p_messages text[]) returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select pg_notify('rollcall', m.message) from unnest(p_messages) as m (message);
$$;
