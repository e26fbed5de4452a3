import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const bench = (name: string) => new URL(`../../bench/${name}.ts`, import.meta.url).pathname;
const run = promisify(execFile);

test('the short form of the presence bench: every watcher is told of every change, on one front end and on two', async () => {
  const flags = ['--watchers', '100', '--count', '10', '--plain', '5', '--peers', ''];
  const { stdout } = await run(process.execPath, [bench('presence'), ...flags]);
  const rows = stdout.split('\n').filter((line) => line.startsWith('| Rollcall'));
  const found = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  expect(found).toHaveLength(4);
  const [one, two, plainOne, plainTwo] = found.map(([, , form, , , , , , told, of, , outOfOrder]) => ({
    ...{ form, told: Number(told), of: Number(of), outOfOrder: Number(outOfOrder) },
  }));
  expect(one).toEqual({ form: 'one front end', told: 1000, of: 1000, outOfOrder: 0 });
  expect(two).toEqual({ form: 'two front ends', told: 1000, of: 1000, outOfOrder: 0 });
  // Watchers may skip states that came close together, but not the last.
  for (const plain of [plainOne!, plainTwo!]) {
    expect(plain.outOfOrder).toBe(0);
    expect(plain.told).toBeGreaterThanOrEqual(100);
    expect(plain.told).toBeLessThanOrEqual(500);
  }
}, 90_000);

test('the short form of the logon storm: everybody is told of all contacts as they have published, through two front ends', async () => {
  const flags = ['--users', '60', '--contacts', '10'];
  const { stdout } = await run(process.execPath, [bench('logon-storm'), ...flags]);
  expect(stdout).toMatch(/first full notifications +\| 60 of 60 /);
  expect(stdout).toMatch(/\| wrong +\| 0 /);
  expect(stdout).toMatch(/all its contacts publish +\| \d/);
}, 90_000);
