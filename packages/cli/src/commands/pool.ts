import { createLog } from '@rollcall/process';
import { type Command, Option } from 'commander';
import { addJsonOption, DEFAULT_DATA } from '../connection.ts';
import { addDirectoryOptions, addReplicationOptions } from './directory-options.ts';
import { addExamples } from './example.ts';
import { addFrontEndOptions } from './front-end-options.ts';

const POOL = [
  ['--front-ends <number>', 'front-end processes (default 2)'],
  [
    '--balancers <number>',
    'HAProxy processes on the same ports (default 1): each carries about 9,900 connections where a process may open 20,000 files',
  ],
  ['--https-port <port>', 'HTTPS and WSS, with the certificate of --tls-cert (default: not served)'],
  ['--stats-port <port>', "HAProxy's statistics and metrics on 127.0.0.1 (default: any free one)"],
  ['--replicator-port <port>', "the user replicator's health and metrics on 127.0.0.1 (default: any free one)"],
  ['--data <dir>', `folder that holds everything (default ${DEFAULT_DATA})`],
  ['--database-url <url>', 'PostgreSQL to use instead of one in that folder, as a user who may deploy'],
  ['--domain <name>', 'domain to serve (default: that of the first start; localhost on the first)'],
] as const;

export function pool(parent: Command): void {
  const command = parent
    .command('pool')
    .description('runs a pool on this machine: PostgreSQL, several front ends and HAProxy before them, until Ctrl-C');
  for (const [flags, text] of POOL) command.addOption(new Option(flags, text));
  command.action(run);
  addFrontEndOptions(command);
  addReplicationOptions(addDirectoryOptions(command));
  addJsonOption(command);
  addExamples(command, 'rollcall pool --front-ends 4 --domain example.org --host 0.0.0.0');
}

async function run(flags: { json?: boolean; data?: string }): Promise<void> {
  const [{ runPool }, { readPoolSettings }, { poolWelcomeText }, { accountsText }] = await Promise.all([
    import('../pool/run.ts'),
    import('../pool/settings.ts'),
    import('../pool/welcome.ts'),
    import('../standard-edition/welcome.ts'),
  ]);
  const settings = readPoolSettings(flags);
  const log = createLog({ level: settings.logLevel, destination: process.stderr });
  process.exitCode = await runPool({
    settings,
    log,
    onReady: (ready) => {
      process.stdout.write(flags.json ? `${JSON.stringify(ready)}\n` : poolWelcomeText({ ...ready, settings }));
    },
    onAccountsWithoutServer: (accounts) => process.stderr.write(`${accountsText(accounts)}\n`),
  });
}
