import { publishAccountChange } from '@rollcall/back-end';
import type { Command } from 'commander';
import { accountArgument } from '../account/account-argument.ts';
import { credentialsOf } from '../account/credentials.ts';
import { addPasswordOptions, type PasswordOptions, readPassword } from '../account/read-password.ts';
import { accountUnknown } from '../account/unknown.ts';
import { addBusOption, type BusOptions, withBus } from '../account/with-bus.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions } from '../connection.ts';
import { printResult } from '../print.ts';
import { addExamples } from './example.ts';

interface Options extends ConnectionOptions, BusOptions, PasswordOptions {
  json?: boolean;
}

export function accountPassword(parent: Command): void {
  const command = parent.command('password <uri>').description("changes an account's password").action(run);
  addPasswordOptions(command);
  addJsonOption(addBusOption(addConnectionOptions(command)));
  addExamples(command, 'rollcall account password sip:alice@example.org');
}

async function run(text: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const { user, domain, uri } = account;
  const ha1 = credentialsOf(account, await readPassword(options, uri));
  await withBus(options, async (backEnd, bus) => {
    const outcome = await backEnd.setPassword({ user, domain, ha1 });
    if (outcome === 'account_unknown') throw accountUnknown(uri);
    publishAccountChange(bus, { user, domain });
    printResult(options.json, { account: uri, outcome }, `Changed the password of ${uri}.`);
  });
}
