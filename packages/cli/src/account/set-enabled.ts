import { publishAccountChange } from '@rollcall/back-end';
import { CommandError } from '../command-error.ts';
import type { ConnectionOptions } from '../connection.ts';
import { printResult } from '../print.ts';
import { accountArgument } from './account-argument.ts';
import { endpointsLeft } from './endpoints-left.ts';
import { accountUnknown } from './unknown.ts';
import { type BusOptions, withBus } from './with-bus.ts';

/** `account enable` and `account disable`. Doing it twice is no error. */
export async function setEnabled(
  text: string,
  enabled: boolean,
  options: ConnectionOptions & BusOptions & { json?: boolean },
): Promise<void> {
  const { user, domain, uri } = accountArgument(text);
  await withBus(options, async (backEnd, bus) => {
    const { outcome, removed, changed } = await backEnd.setAccountEnabled({ user, domain, enabled });
    if (outcome === 'account_unknown') throw accountUnknown(uri);
    if (outcome === 'disabled_by_directory') {
      throw new CommandError(`${uri} is disabled in the directory that it follows. Enable it there.`);
    }
    publishAccountChange(bus, { user, domain }, removed, changed);
    const endpoints = removed.length;
    const state = enabled ? 'enabled' : 'disabled';
    const sentence =
      outcome === 'unchanged' ? `${uri} was ${state} already.` : `${uri} is ${state}${endpointsLeft(endpoints)}.`;
    printResult(options.json, { account: uri, outcome, enabled, endpoints }, sentence);
  });
}
