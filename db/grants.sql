-- Who may call what. The procedures are the only door: neither role has a right on any table, and PUBLIC has none on anything.
revoke all on schema api, data from public, rollcall_front_end, rollcall_admin;
revoke all on all tables in schema data from public, rollcall_front_end, rollcall_admin;
revoke all on all sequences in schema data from public, rollcall_front_end, rollcall_admin;
revoke all on all functions in schema api from public, rollcall_front_end, rollcall_admin;

grant usage on schema api to rollcall_front_end, rollcall_admin;

-- What a front end needs to serve requests.
grant execute on function
  api.add_account_as_admin,
  api.change_account_as_admin,
  api.close_session,
  api.find_changed_accounts,
  api.find_credentials,
  api.find_endpoint_events,
  api.find_front_ends,
  api.find_keys,
  api.join_front_end,
  api.leave_front_end,
  api.list_accounts,
  api.list_domains,
  api.list_endpoints,
  api.list_front_ends,
  api.notify,
  api.open_session,
  api.refresh_session,
  api.register,
  api.register_in_session,
  api.remove_account_as_admin,
  api.remove_dead_front_ends,
  api.remove_expired_endpoints,
  api.remove_expired_sessions,
  api.renew_front_end_lease,
  api.route,
  api.session_holds,
  api.use_nonce
to rollcall_front_end;

-- What administration needs.
grant execute on function
  api.add_account,
  api.create_domain,
  api.import_accounts,
  api.list_accounts,
  api.list_domains,
  api.list_endpoints,
  api.list_front_ends,
  api.notify,
  api.remove_account,
  api.set_account_enabled,
  api.set_password
to rollcall_admin;
