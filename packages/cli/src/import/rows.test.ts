import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type ImportRow, readRows } from './rows.ts';

async function rows(text: string): Promise<ImportRow[]> {
  return await Array.fromAsync(readRows(Readable.from([text])));
}

test('a title row, a byte order mark, CRLF and empty lines are passed over; quotes hold commas', async () => {
  expect(await rows('\uFEFFuri,password\r\n\r\nsip:alice@x.org,"a,""b"\r\nbob@x.org, c"d \r\n')).toEqual([
    { kind: 'account', line: 3, account: { user: 'alice', domain: 'x.org' }, password: 'a,"b' },
    { kind: 'account', line: 4, account: { user: 'bob', domain: 'x.org' }, password: ' c"d ' },
  ]);
});

test('a bad row is told with its line, and its password is not', async () => {
  const text = [
    'a@x,1',
    'nobody,hunter2',
    'b@x',
    'c@x,',
    'a@x,hunter2',
    'd@x,hunter2,3',
    'e@x,hunt\ter2',
    'f@x,2',
  ].join('\n');
  const found = await rows(text);
  expect(found.filter((row) => row.kind === 'account').map((row) => row.line)).toEqual([1, 8]);
  const bad = found.filter((row) => row.kind === 'bad');
  expect(bad.map((row) => `${row.line}: ${row.problem}`)).toEqual([
    '2: "nobody" is no account like sip:alice@example.org',
    '3: has 1 column instead of 2 (uri,password)',
    '4: has no password',
    '5: sip:a@x is in line 1 too',
    '6: has 3 columns instead of 2 (uri,password)',
    '7: has a password with control characters',
  ]);
});

test('a quote that is never closed ends the reading with a sentence', async () => {
  await expect(rows(`a@x,"1\n${'b@x,2\n'.repeat(5_000)}`)).rejects.toThrow(/^The file is not CSV/);
});
