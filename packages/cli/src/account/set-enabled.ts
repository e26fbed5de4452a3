import { type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printResult } from '../print.ts';
import { accountArgument } from './account-argument.ts';
import { endpointsLeft } from './endpoints-left.ts';
import { accountUnknown } from './unknown.ts';

/** `account enable` and `account disable`. Doing it twice is no error. */
export async function setEnabled(
  text: string,
  enabled: boolean,
  options: ConnectionOptions & { json?: boolean },
): Promise<void> {
  const { user, domain, uri } = accountArgument(text);
  await withBackEnd(options, async (backEnd) => {
    const { outcome, endpoints } = await backEnd.setAccountEnabled({ user, domain, enabled });
    if (outcome === 'account_unknown') throw accountUnknown(uri);
    const state = enabled ? 'enabled' : 'disabled';
    const sentence =
      outcome === 'unchanged' ? `${uri} was ${state} already.` : `${uri} is ${state}${endpointsLeft(endpoints)}.`;
    printResult(options.json, { account: uri, outcome, enabled, endpoints }, sentence);
  });
}
