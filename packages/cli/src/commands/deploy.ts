import { deploy } from '@rollcall/back-end';
import type { Command } from 'commander';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withDatabase } from '../connection.ts';
import { printResult } from '../print.ts';
import { addExamples } from './example.ts';

export function deployCommand(parent: Command): void {
  const command = parent
    .command('deploy')
    .description(
      'brings the back end of a pool up to this version: tables, procedures, rights; safe while front ends run',
    )
    .action(run);
  addJsonOption(addConnectionOptions(command));
  addExamples(command, 'rollcall deploy --database-url postgres://postgres:password@db.example.org/rollcall');
}

async function run(options: ConnectionOptions & { json?: boolean }): Promise<void> {
  await withDatabase(options, async (databaseUrl) => {
    const { migrations } = await deploy({ databaseUrl });
    const done = migrations.length === 0 ? 'tables were up to date' : `applied ${migrations.join(', ')}`;
    printResult(options.json, { migrations }, `Deployed: ${done}; procedures and rights are those of this version.`);
  });
}
