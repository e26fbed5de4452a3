-- Who may call what. The procedures are the only door: no role has a right on any table, and PUBLIC has none on anything.
revoke all on schema api, data from public, rollcall_front_end, rollcall_admin, rollcall_replicator;
revoke all on all tables in schema data from public, rollcall_front_end, rollcall_admin, rollcall_replicator;
revoke all on all sequences in schema data from public, rollcall_front_end, rollcall_admin, rollcall_replicator;
revoke all on all functions in schema api from public, rollcall_front_end, rollcall_admin, rollcall_replicator;

grant usage on schema api to rollcall_front_end, rollcall_admin, rollcall_replicator;

-- What a front end needs to serve requests.
grant execute on function
  api.acknowledge_notice,
  api.add_account_as_admin,
  api.adopt_subscriptions,
  api.change_access_rules,
  api.change_account_as_admin,
  api.change_contacts,
  api.check_presence,
  api.close_session,
  api.end_subscriptions,
  api.find_access_rules,
  api.find_changed_accounts,
  api.find_contacts,
  api.find_credentials,
  api.find_endpoint_events,
  api.find_front_ends,
  api.find_keys,
  api.find_messages,
  api.find_notices,
  api.find_presence,
  api.find_sign_in,
  api.get_presence,
  api.join_front_end,
  api.keep_message,
  api.leave_front_end,
  api.list_accounts,
  api.list_domains,
  api.list_endpoints,
  api.list_front_ends,
  api.lose_subscriptions,
  api.mark_endpoint_stale,
  api.message_delivered,
  api.notify,
  api.open_session,
  api.publish,
  api.refresh_session,
  api.register,
  api.register_in_session,
  api.release_messages,
  api.remove_account_as_admin,
  api.remove_dead_front_ends,
  api.remove_expired_endpoints,
  api.remove_expired_messages,
  api.remove_expired_sessions,
  api.remove_expired_subscriptions,
  api.renew_front_end_lease,
  api.renotify,
  api.route,
  api.session_holds,
  api.set_presence,
  api.store_messages,
  api.subscribe,
  api.take_messages,
  api.take_notifications,
  api.use_nonce
to rollcall_front_end;

-- What administration needs.
grant execute on function
  api.add_account,
  api.add_alias,
  api.allow_directory_run,
  api.create_domain,
  api.directory_status,
  api.find_contacts,
  api.import_accounts,
  api.list_access_levels,
  api.list_access_rules,
  api.list_accounts,
  api.list_aliases,
  api.list_directory_problems,
  api.list_domains,
  api.list_endpoints,
  api.list_front_ends,
  api.notify,
  api.remove_access_rule,
  api.remove_account,
  api.remove_alias,
  api.set_access_level,
  api.set_access_rule,
  api.set_account_enabled,
  api.set_password
to rollcall_admin;

-- What the user replicator needs: it makes, changes and removes accounts as the directory has them, and no others.
grant execute on function
  api.apply_directory_changes,
  api.begin_directory_run,
  api.directory_status,
  api.fail_directory_run,
  api.known_members,
  api.list_directory_problems,
  api.lock_directory,
  api.notify,
  api.plan_directory_run,
  api.remove_gone_account,
  api.stage_directory_changes
to rollcall_replicator;
