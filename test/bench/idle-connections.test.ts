import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const BENCH = new URL('../../bench/idle-connections.ts', import.meta.url).pathname;

it('a registered client that is silent costs the front end at most 12 KB', async () => {
  const args = [BENCH, '--connections', '3000', '--idle-seconds', '1'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toContain('0 registrations failed');
  const row = stdout.split('\n').find((line) => line.includes('1 s later'))!;
  const [, , , , resident] = row.split('|').map((cell) => cell.trim());
  expect(Number(resident)).toBeLessThanOrEqual(12);
}, 90_000);
