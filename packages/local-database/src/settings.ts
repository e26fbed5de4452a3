/** PostgreSQL for one machine that it shares with everything else; what is not here is PostgreSQL's default. */
export const SETTINGS: Readonly<Record<string, string | number>> = {
  // Loopback only, and there only with the password (pg_hba.conf: scram-sha-256).
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 50,
  shared_buffers: '192MB',
  // Fewer checkpoints: after each one the first change to a page writes the whole page to the log.
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  // Every call is short: compiling or spreading it over processes costs more than it gains.
  jit: 'off',
  max_parallel_workers_per_gather: 0,
  // Endpoints change all the time; their tables stay flat when vacuum looks often.
  autovacuum_naptime: '15s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  cluster_name: 'rollcall',
};
