import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('runs what is due, not before its time, and not what was cancelled', async () => {
  const ran: string[] = [];
  const start = systemClock.now();
  const cancel = systemClock.after(5, () => ran.push('cancelled'));
  cancel();
  await new Promise<void>((resolve) => void systemClock.after(20, resolve));
  // Timers of Node may be a millisecond early.
  expect(systemClock.now() - start).toBeGreaterThanOrEqual(18);
  expect(ran).toEqual([]);
});
