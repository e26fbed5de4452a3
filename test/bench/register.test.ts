import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const BENCH = new URL('../../bench/register.ts', import.meta.url).pathname;

it('the short form of the registration bench registers every account, twice, and prints its table', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, '--users', '1000', '--peers', '']);
  const rows = stdout.split('\n').filter((line) => line.startsWith('| Rollcall'));
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    const [, server, , rate, , , cpu, , failed] = row.split('|').map((cell) => cell.trim());
    expect({ server, failed }).toEqual({ server: 'Rollcall', failed: '0' });
    expect(Number(rate)).toBeGreaterThan(0);
    expect(Number(cpu)).toBeGreaterThan(0);
  }
}, 90_000);
