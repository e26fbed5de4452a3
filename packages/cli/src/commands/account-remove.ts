import { publishAccountChange } from '@rollcall/back-end';
import type { Command } from 'commander';
import { accountArgument } from '../account/account-argument.ts';
import { endpointsLeft } from '../account/endpoints-left.ts';
import { accountUnknown } from '../account/unknown.ts';
import { addBusOption, type BusOptions, withBus } from '../account/with-bus.ts';
import { CommandError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions } from '../connection.ts';
import { printResult } from '../print.ts';
import { addExamples } from './example.ts';

export function accountRemove(parent: Command): void {
  const command = parent
    .command('remove <uri>')
    .description('removes an account with all that belongs to it')
    .action(run);
  addJsonOption(addBusOption(addConnectionOptions(command)));
  addExamples(command, 'rollcall account remove sip:alice@example.org');
}

async function run(text: string, options: ConnectionOptions & BusOptions & { json?: boolean }): Promise<void> {
  const { user, domain, uri } = accountArgument(text);
  await withBus(options, async (backEnd, bus) => {
    const { outcome, removed, changed } = await backEnd.removeAccount({ user, domain });
    if (outcome === 'account_unknown') throw accountUnknown(uri);
    if (outcome === 'follows_directory') {
      throw new CommandError(`${uri} follows a directory. Remove it there; a run of the replicator disables it then.`);
    }
    publishAccountChange(bus, { user, domain }, removed, changed);
    const endpoints = removed.length;
    printResult(options.json, { account: uri, outcome, endpoints }, `Removed ${uri}${endpointsLeft(endpoints)}.`);
  });
}
