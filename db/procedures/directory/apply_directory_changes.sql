-- Applies the next batch of what api.plan_directory_run has put in order: about p_limit entries, all in this transaction. The last
-- batch also writes the cookie. Applying the same entries again changes nothing.
-- Lock order: the directory (api.hold_directory), domains and account rows (api.lock_directory_batch), then what belongs to the accounts,
-- then the address book.
-- Outcomes, rows in any order: moved, changed, disabled (an account, by user_part and domain: what was verified of it before holds no
-- more); endpoint_removed; watched; and one row of batch (done: entries of this batch; more: call again; counts: of the run).
-- Raises serialization_failure: to be called again.
create or replace function api.apply_directory_changes(
  p_full boolean,
  p_cookie bytea,
  p_limit int,
  p_now timestamptz default now()
) returns table (
  outcome text,
  account_id bigint,
  endpoint_id bigint,
  front_end_id int,
  flow text,
  instance text,
  user_part text,
  domain text,
  done int,
  more boolean,
  counts jsonb
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_entry_ids uuid[];
  v_row record;
  v_added int := 0;
  v_changed int := 0;
  v_disabled int := 0;
  v_removed int := 0;
begin
  perform api.hold_directory();
  v_entry_ids := api.next_directory_batch(p_limit);
  if v_entry_ids <> '{}' then
    perform api.lock_directory_batch(v_entry_ids);
    perform api.judge_directory_changes(v_entry_ids);
    select count(*) filter (where c.kind = 'person' and c.account_id is not null), count(*) filter (where c.kind = 'gone')
    into v_changed, v_removed
    from data.directory_change c where c.entry_id = any (v_entry_ids);
    for v_row in
      select * from api.change_directory_accounts(v_entry_ids, p_now)
      union all
      select * from api.move_accounts(v_entry_ids, p_now)
    loop
      v_disabled := v_disabled + (v_row.outcome = 'disabled')::int;
      return query
      select v_row.outcome, v_row.account_id, v_row.endpoint_id, v_row.front_end_id, v_row.flow, v_row.instance, v_row.user_part, v_row.domain,
        null::int, null::boolean, null::jsonb;
    end loop;
    v_added := api.add_directory_accounts(v_entry_ids, p_now);
    perform api.write_directory_entries(v_entry_ids, p_now);
    perform api.write_people(
      array(select c.account_id from data.directory_change c where c.entry_id = any (v_entry_ids) and c.account_id is not null), p_now
    );
    delete from data.directory_change c where c.entry_id = any (v_entry_ids);
  end if;

  done := cardinality(v_entry_ids);
  more := exists (select from data.directory_change);
  update data.directory d
  set counts = d.counts || jsonb_build_object(
    'added', (d.counts ->> 'added')::int + v_added, 'changed', (d.counts ->> 'changed')::int + v_changed,
    'disabled', (d.counts ->> 'disabled')::int + v_disabled, 'removed', (d.counts ->> 'removed')::int + v_removed,
    'conflicts', (select count(*) from data.directory_entry e where e.problem = 'conflict')
  );
  if not more then
    update data.directory d
    set cookie = p_cookie, cookie_at = p_now, run_ended_at = p_now, run_outcome = 'applied', last_applied_at = p_now,
      last_full_at = case when p_full then p_now else d.last_full_at end, allowed_disable = null;
    perform api.forget_removed_people(p_now);
    -- Else the next run would have to step over what this one has applied.
    if (select (d.counts ->> 'entries')::int + v_changed + v_added > 0 from data.directory d) then
      truncate data.directory_change;
    end if;
  end if;
  outcome := 'batch';
  counts := (select d.counts from data.directory d);
  return next;
end
$$;
