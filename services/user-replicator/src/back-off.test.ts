import { expect, test } from 'vitest';
import { backOff } from './back-off.ts';

test('the wait doubles from one second to a minute, and stays there', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 2000].map((failures) => backOff(failures, () => 0) / 1000);
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('chance takes up to a quarter off', () => {
  expect(backOff(1, () => 1)).toBe(750);
  expect(backOff(100, () => 1)).toBe(45_000);
});
