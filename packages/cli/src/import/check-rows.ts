import type { ImportRow } from './rows.ts';

type AccountRow = Extract<ImportRow, { kind: 'account' }>;
export type BadRow = Omit<Extract<ImportRow, { kind: 'bad' }>, 'kind'>;

/** Rows of domains that the pool does not serve are bad too. Gives the good ones, and the bad ones to `onBad`. */
export async function* goodRows(
  rows: AsyncIterable<ImportRow>,
  domains: ReadonlySet<string>,
  onBad: (row: BadRow) => void,
): AsyncGenerator<AccountRow> {
  for await (const row of rows) {
    if (row.kind === 'bad') onBad({ line: row.line, problem: row.problem });
    else if (domains.has(row.account.domain)) yield row;
    else onBad({ line: row.line, problem: `this pool does not serve ${row.account.domain}` });
  }
}
