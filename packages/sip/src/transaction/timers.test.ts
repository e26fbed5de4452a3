import { expect, test } from 'vitest';
import { deriveTimers, TIMERS } from './timers.ts';

test('the values of RFC 3261 table 4 and RFC 6026', () => {
  expect(TIMERS).toMatchObject({ T1: 500, T2: 4_000, T4: 5_000, A: 500, E: 500, G: 500, I: 5_000 });
  for (const name of ['B', 'D', 'F', 'H', 'J', 'L', 'M'] as const) expect(TIMERS[name]).toBe(32_000);
  expect(TIMERS.C).toBeGreaterThan(180_000);
  expect(TIMERS.abandoned).toBeGreaterThan(TIMERS.C);
  expect(TIMERS.trying).toBe(200);
});

test('they follow T1, T2 and T4', () => {
  expect(deriveTimers({ T1: 1_000, T4: 7_000 })).toMatchObject({ A: 1_000, B: 64_000, D: 64_000, I: 7_000, J: 64_000 });
  // Timer D is at least 32 s (RFC 3261 §17.1.1.2).
  expect(deriveTimers({ T1: 100 })).toMatchObject({ B: 6_400, D: 32_000 });
});
