import { createLog } from '@rollcall/process';
import type { Command } from 'commander';
import { addJsonOption, DEFAULT_DATA } from '../connection.ts';
import { addDirectoryOptions, addReplicationOptions } from './directory-options.ts';
import { addExamples } from './example.ts';
import { addFrontEndOptions } from './front-end-options.ts';
import { quoted } from './quoted.ts';

export function start(parent: Command): void {
  const command = parent
    .command('start')
    .description('runs Standard Edition: a PostgreSQL in a folder and one front end, until Ctrl-C (also: npm start)')
    .option('--domain <name>', 'domain to serve (default: that of the first start; localhost on the first)')
    .option('--data <dir>', `folder that holds everything (default ${DEFAULT_DATA})`)
    .action(run);
  addFrontEndOptions(command);
  addReplicationOptions(addDirectoryOptions(command));
  addJsonOption(command);
  addExamples(command, 'rollcall start --domain example.org --host 0.0.0.0');
}

async function run(flags: { json?: boolean; data?: string }): Promise<void> {
  // Loaded here, so that other commands start without them.
  const [{ runStandardEdition }, { readStandardEditionSettings }, { accountsText, welcomeText }] = await Promise.all([
    import('../standard-edition/run.ts'),
    import('../standard-edition/settings.ts'),
    import('../standard-edition/welcome.ts'),
  ]);
  const settings = readStandardEditionSettings(flags);
  const dataFlag = settings.data === DEFAULT_DATA ? '' : ` --data ${quoted(settings.data)}`;
  const log = createLog({ level: settings.logLevel, destination: process.stderr });
  process.exitCode = await runStandardEdition({
    settings,
    log,
    onReady: (ready) => {
      process.stdout.write(flags.json ? `${JSON.stringify(ready)}\n` : welcomeText({ ...ready, dataFlag }));
    },
    onAccountsWithoutServer: (accounts) => process.stderr.write(`${accountsText(accounts)}\n`),
  });
}
