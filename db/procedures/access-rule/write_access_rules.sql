-- Writes access rules of an account, whose row the caller has locked.
--   p_rules    [{"scope", "subject", "communication", "level"}]: scope and subject as in api.set_access_rule; what is left out stays
--              as it is, null takes it away, and a rule that says nothing goes
--   p_replace  these are all there is to be
--   p_removed  with p_replace: as a document they are not there afterwards
-- All who watch the account are looked at again, and the version counts up, when anything changed.
-- Outcomes: changed, unchanged, too_many_rules (more than p_maximum, and than there were; nothing is changed).
create or replace function api.write_access_rules(
  p_account_id bigint,
  p_replace boolean,
  p_rules jsonb,
  p_maximum int,
  p_now timestamptz,
  p_removed boolean default false
) returns text
language plpgsql
as $$
declare
  v_scopes text[];
  v_subjects text[];
  v_communications text[];
  v_levels text[];
  v_before int := (select count(*) from data.access_rule r where r.account_id = p_account_id);
  v_removed int;
  v_written int;
begin
  select array_agg(w.scope), array_agg(w.subject), array_agg(w.communication), array_agg(w.level)
  into v_scopes, v_subjects, v_communications, v_levels
  from (
    -- The last one about a subject counts.
    select distinct on (n.said ->> 'scope', n.said ->> 'subject')
      n.said ->> 'scope' as scope,
      n.said ->> 'subject' as subject,
      case when n.said ? 'communication' then n.said ->> 'communication' when not p_replace then r.communication end as communication,
      case when n.said ? 'level' then n.said ->> 'level' when not p_replace then r.level end as level
    from jsonb_array_elements(p_rules) with ordinality as n (said, place)
    left join data.access_rule r on r.account_id = p_account_id and r.scope = n.said ->> 'scope' and r.subject = n.said ->> 'subject'
    order by n.said ->> 'scope', n.said ->> 'subject', n.place desc
  ) as w;

  -- "not in" is hashed, whatever the planner thinks of the lengths of arrays.
  delete from data.access_rule r
  where r.account_id = p_account_id
    and (
      (p_replace and (r.scope, r.subject) not in (select n.scope, n.subject from unnest(v_scopes, v_subjects) as n (scope, subject)))
      or (r.scope, r.subject) in (
        select n.scope, n.subject
        from unnest(v_scopes, v_subjects, v_communications, v_levels) as n (scope, subject, communication, level)
        where n.communication is null and n.level is null
      )
    );
  get diagnostics v_removed = row_count;
  insert into data.access_rule as r (account_id, scope, subject, communication, level)
  select p_account_id, n.scope, n.subject, n.communication, n.level
  from unnest(v_scopes, v_subjects, v_communications, v_levels) as n (scope, subject, communication, level)
  where n.communication is not null or n.level is not null
  on conflict (account_id, scope, subject) do update set communication = excluded.communication, level = excluded.level
  where (r.communication, r.level) is distinct from (excluded.communication, excluded.level);
  get diagnostics v_written = row_count;

  if (select count(*) from data.access_rule r where r.account_id = p_account_id) > greatest(p_maximum, v_before) then
    raise exception 'too_many_rules' using errcode = 'RC001';
  elsif v_removed + v_written = 0
    and (not p_replace or p_removed = coalesce((select s.removed from data.access_rule_set s where s.account_id = p_account_id), true)) then
    return 'unchanged';
  end if;
  insert into data.access_rule_set as s (account_id, version, removed) values (p_account_id, 1, p_removed)
  on conflict (account_id) do update set version = s.version + 1, removed = excluded.removed;
  perform api.touch_presence(array[p_account_id], p_now);
  perform api.touch_event(array[p_account_id], 'xcap-diff', p_now);
  return 'changed';
exception
  -- What was written is taken back.
  when sqlstate 'RC001' then
    return sqlerrm;
end
$$;
