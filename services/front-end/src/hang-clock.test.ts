import { expect, it } from 'vitest';
import { HangClock } from './hang-clock.ts';

it('knows of a hang before its next tick, and for a moment behind that', () => {
  let now = 0;
  const clock = new HangClock(() => now);
  for (; now < 1000; now += 100) {
    clock.tick();
    expect(clock.hungJustNow).toBe(false);
  }
  now += 2000;
  expect(clock.hungJustNow).toBe(true);
  clock.tick();
  now += 199;
  clock.tick();
  expect(clock.hungJustNow).toBe(true);
  now += 1;
  expect(clock.hungJustNow).toBe(false);
});
