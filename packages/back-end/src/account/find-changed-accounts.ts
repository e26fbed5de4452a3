import { bigints, integers } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';

/** What somebody proved some time ago. */
export interface VerifiedAccount {
  accountId: number;
  credentialVersion: number;
}

/** Those of `verified` that hold no more: the account is disabled, removed, or has other credentials. A call takes 1,000. */
export async function findChangedAccounts<Verified extends VerifiedAccount>(
  connections: Connections,
  verified: readonly Verified[],
): Promise<Verified[]> {
  const rows = await connections.call({
    name: 'find_changed_accounts',
    text: 'select request from api.find_changed_accounts($1, $2)',
    values: [bigints(verified, (one) => one.accountId), integers(verified, (one) => one.credentialVersion)],
  });
  return rows.map(([request]) => verified[(request as number) - 1]!);
}
