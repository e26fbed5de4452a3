import { expect, test } from 'vitest';
import { formatTable } from './table.ts';

test('columns line up under their titles, numbers at the right', () => {
  const columns = [
    { title: 'ACCOUNT', of: (row: { uri: string; n: number }) => row.uri },
    { title: 'ENDPOINTS', of: (row: { uri: string; n: number }) => row.n, right: true },
  ];
  const rows = [
    { uri: 'sip:alice@example.org', n: 2 },
    { uri: 'sip:bob@x', n: 10 },
  ];
  expect(formatTable(columns, rows)).toBe(
    [
      'ACCOUNT                ENDPOINTS',
      'sip:alice@example.org          2',
      'sip:bob@x                     10',
      '',
    ].join('\n'),
  );
});

test('what a client sent cannot steer the terminal', () => {
  expect(formatTable([{ title: 'USER AGENT', of: (text: string) => text }], ['\u001b[2Jx'])).not.toContain('\u001b');
});
