select pg_backend_pid() as pid \gset
\! cat /proc/:pid/stat >/dev/null 2>&1
\o /dev/null
prepare take as select * from api.take_notifications(1, array[1::bigint], null, null, null, '{}', 500, now());
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
\o
select sum(s::bigint) as t0 from (select split_part(pg_read_file('/proc/self/schedstat'),' ',1) s) x \gset
\o /dev/null
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
update data.event_state set version = version + 1, changed_at = now(), state = state || jsonb_build_object('note', 'note ' || version) where account_id = 1;
execute take;
execute take;
\o
select round((split_part(pg_read_file('/proc/self/schedstat'),' ',1)::bigint - :t0) / 1000.0 / (15 * 1000), 2) as us_per_notification;
