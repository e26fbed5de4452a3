import type { Command } from 'commander';
import { accountArgument } from '../account/account-argument.ts';
import { credentialsOf } from '../account/credentials.ts';
import { addPasswordOptions, type PasswordOptions, readPassword } from '../account/read-password.ts';
import { accountUnknown } from '../account/unknown.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printResult } from '../print.ts';
import { addExamples } from './example.ts';

interface Options extends ConnectionOptions, PasswordOptions {
  json?: boolean;
}

export function accountPassword(parent: Command): void {
  const command = parent.command('password <uri>').description("changes an account's password").action(run);
  addPasswordOptions(command);
  addJsonOption(addConnectionOptions(command));
  addExamples(command, 'rollcall account password sip:alice@example.org');
}

async function run(text: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const { user, domain, uri } = account;
  const ha1 = credentialsOf(account, await readPassword(options, uri));
  await withBackEnd(options, async (backEnd) => {
    const outcome = await backEnd.setPassword({ user, domain, ha1 });
    if (outcome === 'account_unknown') throw accountUnknown(uri);
    printResult(options.json, { account: uri, outcome }, `Changed the password of ${uri}.`);
  });
}
