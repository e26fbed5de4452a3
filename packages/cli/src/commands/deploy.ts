import { readFile } from 'node:fs/promises';
import { deploy, openBackEnd } from '@rollcall/back-end';
import { readSettings, z } from '@rollcall/process';
import type { Command } from 'commander';
import { domainArgument } from '../account/account-argument.ts';
import { CommandError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withDatabase } from '../connection.ts';
import { printResult } from '../print.ts';
import { addExamples } from './example.ts';

export function deployCommand(parent: Command): void {
  const command = parent
    .command('deploy')
    .description(
      'brings the back end of a pool up to this version: tables, procedures, rights; safe while front ends run',
    )
    .option('--domain <name>', 'domain to add, unless it is there')
    .option('--front-end-password-file <file>', 'gives rollcall_front_end the password in this file, and a login')
    .option('--admin-password-file <file>', 'the same for rollcall_admin, which the command line can use')
    .option('--replicator-password-file <file>', 'the same for rollcall_replicator')
    .action(run);
  addJsonOption(addConnectionOptions(command));
  addExamples(command, 'rollcall deploy --database-url postgres://postgres:password@db.example.org/rollcall');
}

const settingsSchema = z.object({
  domain: z.string().optional(),
  frontEndPasswordFile: z.string().optional(),
  adminPasswordFile: z.string().optional(),
  replicatorPasswordFile: z.string().optional(),
});

async function run(options: ConnectionOptions & { json?: boolean }): Promise<void> {
  const settings = readSettings(settingsSchema, { ...options });
  const domain = settings.domain === undefined ? undefined : domainArgument(settings.domain);
  const frontEndPassword = await readSecret(settings.frontEndPasswordFile);
  const adminPassword = await readSecret(settings.adminPasswordFile);
  const replicatorPassword = await readSecret(settings.replicatorPasswordFile);
  await withDatabase(options, async (databaseUrl) => {
    const { migrations } = await deploy({
      databaseUrl,
      ...(frontEndPassword && { frontEndPassword }),
      ...(adminPassword && { adminPassword }),
      ...(replicatorPassword && { replicatorPassword }),
    });
    if (domain !== undefined) await addDomain(databaseUrl, domain);
    const done = migrations.length === 0 ? 'tables were up to date' : `applied ${migrations.join(', ')}`;
    printResult(options.json, { migrations }, `Deployed: ${done}; procedures and rights are those of this version.`);
  });
}

async function addDomain(databaseUrl: string, domain: string): Promise<void> {
  const backEnd = await openBackEnd({ databaseUrl, connections: 1 });
  await backEnd.createDomain(domain).finally(() => backEnd.close());
}

async function readSecret(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const secret = await readFile(file, 'utf8').catch((cause) => {
    throw new CommandError(`The password in ${file} cannot be read.`, { cause });
  });
  return secret.trim();
}
