import type { Command } from 'commander';
import { addDirectoryOptions } from './directory-options.ts';
import { addExamples } from './example.ts';
import { addFrontEndOptions } from './front-end-options.ts';

/** How long stopping may take after the drain, ms. */
const STOP_MS = 15_000;

export function frontEnd(parent: Command): void {
  const command = parent
    .command('front-end')
    .description('runs one front end of a pool, until Ctrl-C')
    .option('--database-url <url>', 'PostgreSQL of the pool, as a member of rollcall_front_end')
    .option('--domain <name>', 'domain that the addresses of this front end stand for')
    .action(run);
  addFrontEndOptions(command);
  addDirectoryOptions(command);
  addExamples(
    command,
    'rollcall front-end --database-url postgres://front_end:password@db.example.org/rollcall --host 0.0.0.0 --domain example.org',
  );
}

async function run(flags: Record<string, unknown>): Promise<void> {
  const [
    { frontEndSettings, startFrontEnd },
    { createLog, createMetrics, logLevel, readSettings, runUntilStopped, wholeNumber },
  ] = await Promise.all([import('@rollcall/front-end'), import('@rollcall/process')]);
  const schema = frontEndSettings.safeExtend({
    logLevel: logLevel().default('info'),
    drainSeconds: wholeNumber(0, 3600).default(10),
  });
  const settings = readSettings(schema, flags);
  const log = createLog({ level: settings.logLevel });
  process.exitCode = await runUntilStopped(
    { log, deadline: settings.drainSeconds * 1000 + STOP_MS },
    async (opened) => {
      const running = await startFrontEnd({ settings, log, metrics: createMetrics() });
      opened.add('front end', () => running.stop());
      log.info({ addresses: running.addresses }, 'ready');
    },
  );
}
