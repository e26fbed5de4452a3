-- Who may call what. The procedures are the only door: neither role has a right on any table, and PUBLIC has none on anything.
revoke all on schema api, data from public, rollcall_front_end, rollcall_admin;
revoke all on all tables in schema data from public, rollcall_front_end, rollcall_admin;
revoke all on all sequences in schema data from public, rollcall_front_end, rollcall_admin;
revoke all on all functions in schema api from public, rollcall_front_end, rollcall_admin;

grant usage on schema api to rollcall_front_end, rollcall_admin;

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
  api.renotify_subscriptions,
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
  api.create_domain,
  api.find_contacts,
  api.import_accounts,
  api.list_access_levels,
  api.list_access_rules,
  api.list_accounts,
  api.list_aliases,
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
