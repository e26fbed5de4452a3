import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { CommandError, usageError } from '../command-error.ts';
import { addDirectoryOptions, addReplicationOptions } from './directory-options.ts';
import { addExamples } from './example.ts';

type Flags = Record<string, unknown> & { once?: boolean; full?: boolean };

export function userReplicator(parent: Command): void {
  const command = parent
    .command('user-replicator')
    .description('lets the accounts of a pool follow an LDAP directory, until Ctrl-C; of several replicas one works')
    .option('--once', 'one run, then end; with status 1 when nothing could be applied')
    .option('--full', 'compare everything; with --once')
    .option('--database-url <url>', 'PostgreSQL of the pool, as a member of rollcall_replicator')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--http-port <port>', 'health and metrics over HTTP (default 8081; 0 takes a free one)')
    .option(
      '--redis-url <url>',
      'Redis that carries wake-ups between the processes of the pool, where it was given one',
    )
    .option('--log-level <level>', 'fatal, error, warn, info, debug, trace or silent (default info)')
    .action(run);
  addReplicationOptions(addDirectoryOptions(command));
  addExamples(
    command,
    'rollcall user-replicator --database-url postgres://replicator:password@db.example.org/rollcall --directory-url ldaps://dc1.example.org --directory-bind-dn rollcall@example.org --directory-password-file /etc/rollcall/directory-password',
  );
}

async function run(flags: Flags): Promise<void> {
  // Entries stream through and none is needed for long, so space for new objects does not grow: a quarter less memory for 50,000.
  setFlagsFromString('--semi-space-growth-factor=1');
  if (flags.full && !flags.once)
    throw usageError('--full goes with --once; the schedule of full comparisons is --directory-full-schedule.');
  const [
    { replicateOnce, replicatorSettings, showProgress, startUserReplicator },
    { createLog, createMetrics, logLevel, readSettings, runUntilStopped },
  ] = await Promise.all([import('@rollcall/user-replicator'), import('@rollcall/process')]);
  const settings = readSettings(replicatorSettings.safeExtend({ logLevel: logLevel().default('info') }), flags);
  const log = createLog({ level: settings.logLevel });
  const progress = () => showProgress(process.stderr, log);
  const options = { settings, log, metrics: createMetrics(), progress };
  if (flags.once) {
    const stopping = new AbortController();
    const stop = () => stopping.abort(new CommandError('Stopped before the run had ended.'));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
    const ended = await replicateOnce({ ...options, full: flags.full === true }, stopping.signal);
    if (ended.outcome !== 'applied') process.exitCode = 1;
    return;
  }
  process.exitCode = await runUntilStopped({ log }, async (opened) => {
    const http = { host: settings.host, port: settings.httpPort };
    const running = await startUserReplicator({ ...options, http });
    opened.add('user replicator', () => running.stop());
    log.info({ address: running.address }, 'ready');
  });
}
