import type { Command } from 'commander';
import { accountArgument } from '../account/account-argument.ts';
import { credentialsOf } from '../account/credentials.ts';
import { addPasswordOptions, type PasswordOptions, readPassword } from '../account/read-password.ts';
import { domainUnknown } from '../account/unknown.ts';
import { CommandError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printResult } from '../print.ts';
import { addExamples } from './example.ts';

interface Options extends ConnectionOptions, PasswordOptions {
  admin?: boolean;
  createDomain?: boolean;
  json?: boolean;
}

export function accountAdd(parent: Command): void {
  const command = parent
    .command('add <uri>')
    .description('adds an account')
    .option('--admin', 'make it an administrator')
    .option('--create-domain', 'serve the domain of the URI from now on, if the pool does not yet')
    .action(run);
  addPasswordOptions(command);
  addJsonOption(addConnectionOptions(command));
  addExamples(
    command,
    'rollcall account add sip:carol@example.org --password correct-horse',
    'pass carol | rollcall account add carol@example.org --password-stdin',
  );
}

async function run(text: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const { user, domain, uri } = account;
  const ha1 = credentialsOf(account, await readPassword(options, uri));
  await withBackEnd(options, async (backEnd) => {
    if (options.createDomain) await backEnd.createDomain(domain);
    const { outcome } = await backEnd.addAccount({ user, domain, role: options.admin ? 'admin' : 'user', ha1 });
    switch (outcome) {
      case 'added':
        return printResult(options.json, { account: uri, outcome }, `Added ${uri}.`);
      case 'exists':
        throw new CommandError(`${uri} exists already. \`rollcall account password ${uri}\` changes its password.`);
      case 'domain_unknown':
        throw domainUnknown(
          domain,
          (await backEnd.listDomains()).map(({ name }) => name),
        );
    }
  });
}
