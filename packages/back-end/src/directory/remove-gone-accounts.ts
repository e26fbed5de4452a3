import { checkInteger } from '../array-parameter.ts';
import { accountChanges } from './account-changes.ts';
import type { DirectoryAccountChanges, RemoveGoneAccountsRequest } from './directory-lock.ts';
import type { LockedConnection } from './locked-connection.ts';

/** One transaction each, since each locks whoever has the account as a contact. */
export async function removeGoneAccounts(
  connection: LockedConnection,
  { graceDays, limit = 1_000, now }: RemoveGoneAccountsRequest,
): Promise<{ removed: number; changes: DirectoryAccountChanges }> {
  checkInteger('graceDays', graceDays, 0, 36_500);
  const all = [];
  let removed = 0;
  for (; removed < limit; removed++) {
    const rows = await connection.callAgain({
      name: 'remove_gone_account',
      text: 'select * from api.remove_gone_account($1, coalesce($2, now()))',
      values: [graceDays, now],
    });
    if (rows.length === 0) break;
    all.push(...rows);
  }
  return { removed, changes: accountChanges(all, 'deleted') };
}
