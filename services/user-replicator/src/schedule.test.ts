import { expect, onTestFinished, test } from 'vitest';
import { CONTINUOUS, Schedule } from './schedule.ts';

const HOUR = 3_600_000;
const NOW = new Date('2026-11-22T12:00:00Z');

function make(runs: string, full = '0 3 * * *'): Schedule {
  const schedule = new Schedule({ runs, full });
  onTestFinished(() => schedule.stop());
  schedule.start();
  return schedule;
}

test('a run begins when the expression says so, and again', async () => {
  const schedule = make('* * * * * *');
  const began = performance.now();
  await schedule.next();
  await schedule.next();
  expect(performance.now() - began).toBeGreaterThan(900);
});

test('everything is compared the first time, and then as often as the expression says', () => {
  const schedule = make('* * * * *');
  const since = (hours: number) => schedule.fullIsDue(new Date(NOW.getTime() - hours * HOUR), NOW);
  expect(schedule.fullIsDue(undefined, NOW)).toBe(true);
  expect([since(1), since(23.9), since(24.1)]).toEqual([false, false, true]);
});

test('the time for comparing everything begins a run', async () => {
  const schedule = make(CONTINUOUS, '* * * * * *');
  const before = new Date();
  await schedule.next();
  expect(schedule.fullIsDue(before, new Date())).toBe(true);
  expect(schedule.fullIsDue(new Date(Date.now() + 1000), new Date())).toBe(false);
});
