import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const bench = (name: string) => new URL(`../../bench/${name}.ts`, import.meta.url).pathname;

test.each([
  { name: 'message', method: 'MESSAGE' },
  { name: 'call', method: 'INVITE' },
])(
  'the short form of the $name bench loses none, on one front end and on two',
  async ({ name, method }) => {
    const flags = ['--count', '1000', '--warm-up', '200', '--senders', '10', '--receivers', '20', '--peers', ''];
    const { stdout } = await promisify(execFile)(process.execPath, [bench(name), ...flags]);
    const rows = stdout.split('\n').filter((line) => line.startsWith('| Rollcall'));
    const found = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    expect(found.map(([, , , receiver, place, , , , , , failed]) => ({ receiver, place, failed }))).toEqual([
      { receiver: 'UDP', place: 'same front end', failed: '0' },
      { receiver: 'TCP', place: 'same front end', failed: '0' },
      { receiver: 'UDP', place: 'two front ends', failed: '0' },
      { receiver: 'TCP', place: 'two front ends', failed: '0' },
    ]);
    // Every phone has counted for itself.
    expect(stdout).toContain(`phones have counted 4800 of 4800 ${method} requests`);
  },
  90_000,
);
