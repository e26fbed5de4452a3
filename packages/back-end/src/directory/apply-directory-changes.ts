import { checkInteger } from '../array-parameter.ts';
import type { Row } from '../connections.ts';
import { accountChanges } from './account-changes.ts';
import type { ApplyDirectoryChangesOutcome, ApplyDirectoryChangesRequest, DirectoryCounts } from './directory-lock.ts';
import type { LockedConnection } from './locked-connection.ts';

/** Accounts in a transaction, whose rows are locked until it ends. */
const BATCH = 1_000;

/** Looks at all that was staged, then applies it in batches; tell the pool of each (onChanges). */
export async function applyDirectoryChanges(
  connection: LockedConnection,
  request: ApplyDirectoryChangesRequest,
): Promise<ApplyDirectoryChangesOutcome> {
  const { full, elsewhere = [], cookie, disableLimitPercent, now } = request;
  checkInteger('disableLimitPercent', disableLimitPercent, 0, 100);
  const [planned] = await connection.call({
    name: 'plan_directory_run',
    text: 'select * from api.plan_directory_run($1, $2, coalesce($3, now()), $4)',
    values: [full, disableLimitPercent, now, elsewhere],
  });
  const [outcome, total, would, of] = planned! as [string, number, number, number];
  if (outcome === 'too_many') return { outcome, would, of };

  for (let done = 0; ; ) {
    const rows = await connection.callAgain({
      name: 'apply_directory_changes',
      text: 'select * from api.apply_directory_changes($1, $2, $3, coalesce($4, now()))',
      values: [full, cookie, BATCH, now],
    });
    const changes = accountChanges(rows, 'disabled');
    if (Object.values(changes).some((list) => list.length > 0)) request.onChanges?.(changes);
    const batch = batchOf(rows);
    done += batch.done;
    request.onProgress?.(done, total);
    if (!batch.more) return { outcome: 'applied', counts: batch.counts };
  }
}

function batchOf(rows: readonly Row[]): { done: number; more: boolean; counts: DirectoryCounts } {
  const row = rows.find(([outcome]) => outcome === 'batch')!;
  const [done, more, counts] = row.slice(8) as [number, boolean, DirectoryCounts];
  return { done, more, counts };
}
