import type { AddressOfRecord, BackEnd } from '@rollcall/back-end';
import { credentialsOf } from '../account/credentials.ts';
import type { ImportRow } from './rows.ts';

type AccountRow = Extract<ImportRow, { kind: 'account' }>;

/** How many accounts each outcome had. */
export interface ImportCounts {
  added: number;
  /** Existed, and have another password now. */
  changed: number;
  /** Existed with this password. */
  unchanged: number;
  /** Not added: their names are aliases of accounts. */
  alias: number;
}

/** Accounts a call; larger ones gain nothing. */
const BATCH = 1_000;

/**
 * Imports rows as they come, one call under way while the next one's HA1s are computed.
 *
 * @param onDone told after each call how many accounts are done, and which of them have another password now
 */
export async function importAccounts(
  backEnd: BackEnd,
  rows: AsyncIterable<AccountRow>,
  onDone: (accounts: number, changed: readonly AddressOfRecord[]) => void,
): Promise<ImportCounts> {
  const counts: ImportCounts = { added: 0, changed: 0, unchanged: 0, alias: 0 };
  let underWay: Promise<void> = Promise.resolve();
  let done = 0;
  const send = async (batch: AccountRow[]) => {
    const accounts = batch.map(({ account, password }) => ({ ...account, ha1: credentialsOf(account, password) }));
    await underWay;
    underWay = backEnd.importAccounts(accounts).then((outcomes) => {
      for (const outcome of outcomes) if (outcome in counts) counts[outcome as keyof ImportCounts] += 1;
      done += batch.length;
      onDone(
        done,
        accounts.filter((_, index) => outcomes[index] === 'changed'),
      );
    });
    underWay.catch(() => {}); // it is awaited with the next batch
  };

  let batch: AccountRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    await send(batch);
    batch = [];
  }
  if (batch.length > 0) await send(batch);
  await underWay;
  return counts;
}
