import { type Column, formatTable } from './table.ts';

/** One result: a sentence, or with --json an object on one line. */
export function printResult(
  json: boolean | undefined,
  result: Readonly<Record<string, unknown>>,
  sentence: string,
): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${sentence}\n`);
}

/** Rows: a table, or with --json an array of objects, one a line; `none` is said instead of an empty table. */
export function printRows<Row extends object>(
  json: boolean | undefined,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  none: string,
): void {
  if (json)
    process.stdout.write(rows.length === 0 ? '[]\n' : `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
  else process.stdout.write(rows.length === 0 ? `${none}\n` : formatTable(columns, rows));
}
