import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type AccountName, formatAccountUri, parseAccountUri } from '../account/account-uri.ts';
import { CommandError } from '../command-error.ts';

/** One row of an import file. Lines count from 1. */
export type ImportRow =
  | { kind: 'account'; line: number; account: AccountName; password: string }
  | { kind: 'bad'; line: number; problem: string };

/** A row longer than this is a quote that is never closed. */
const RECORD_LIMIT = 10_000;

/**
 * Reads `uri,password` rows as they stream in; empty lines and a title row are passed over. An account that comes again is bad.
 *
 * @throws CommandError when the text is no CSV from some line on
 */
export async function* readRows(input: Readable): AsyncGenerator<ImportRow> {
  const parser = input.pipe(
    parse({
      bom: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: RECORD_LIMIT,
    }),
  );
  input.once('error', (error) => parser.destroy(error));
  const lines = new Map<string, number>();
  let first = true;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (!(first && isTitle(record))) yield judge(record, info.lines, lines);
      first = false;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error ? ` near line ${error.lines}` : '';
    throw new CommandError(`The file is not CSV${line}: is a double quote never closed?`, { cause: error });
  }
}

function isTitle(record: string[]): boolean {
  return (
    record.length === 2 && /^(uri|account|user)$/i.test(record[0]!.trim()) && /^password$/i.test(record[1]!.trim())
  );
}

function judge(record: string[], line: number, lines: Map<string, number>): ImportRow {
  const bad = (problem: string): ImportRow => ({ kind: 'bad', line, problem });
  if (record.length !== 2)
    return bad(`has ${record.length} column${record.length === 1 ? '' : 's'} instead of 2 (uri,password)`);
  const [uri = '', password = ''] = record;
  const account = parseAccountUri(uri.trim());
  if (account === undefined) return bad(`${JSON.stringify(uri)} is no account like sip:alice@example.org`);
  if (password === '') return bad('has no password');
  if (/\p{Cc}/u.test(password)) return bad('has a password with control characters');
  const name = formatAccountUri(account);
  const earlier = lines.get(name);
  if (earlier !== undefined) return bad(`${name} is in line ${earlier} too`);
  lines.set(name, line);
  return { kind: 'account', line, account, password };
}
