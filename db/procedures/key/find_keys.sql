-- The keys of one purpose, newest first. When there is none, or the newest is older than p_rotate_after, p_secret becomes
-- a new one; all that are older than p_retire_after are removed, except the newest. Null intervals: never.
--
-- Any front end may call it at any time: all get the same keys.
-- Lock order: an advisory lock for the purpose.
create or replace function api.find_keys(
  p_purpose text,
  p_secret bytea,
  p_rotate_after interval default null,
  p_retire_after interval default null,
  p_now timestamptz default now()
) returns table (key_id smallint, secret bytea, created_at timestamptz)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_newest data.key;
begin
  perform pg_advisory_xact_lock(hashtext('api.find_keys'), hashtext(p_purpose));

  select * into v_newest from data.key k where k.purpose = p_purpose order by k.created_at desc limit 1;
  if v_newest.id is null or v_newest.created_at <= p_now - p_rotate_after then
    insert into data.key (purpose, id, secret, created_at)
    values (p_purpose, coalesce((v_newest.id + 1) % 256, 0), p_secret, p_now)
    on conflict (purpose, id) do update set secret = excluded.secret, created_at = excluded.created_at
    returning * into v_newest;
  end if;
  delete from data.key k where k.purpose = p_purpose and k.created_at <= p_now - p_retire_after and k.id <> v_newest.id;

  return query select k.id, k.secret, k.created_at from data.key k where k.purpose = p_purpose order by k.created_at desc;
end
$$;
