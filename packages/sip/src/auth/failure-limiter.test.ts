import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FailureLimiter } from './failure-limiter.ts';

const LIMITS = { burst: 3, forgiveSeconds: 10, maximumDelaySeconds: 60, maximumKeys: 100 };

function failing(times: number, limiter = new FailureLimiter(LIMITS)): FailureLimiter {
  for (let count = 0; count < times; count++) limiter.record('alice', 0);
  return limiter;
}

test('a few mistakes cost nothing, one more costs a wait', () => {
  expect(failing(2).delay('alice', 0)).toBe(0);
  expect(failing(3).delay('alice', 0)).toBe(10);
  expect(failing(3).delay('bob', 0)).toBe(0);
});

test('the wait goes down with time, to the second, and then one try is free', () => {
  const limiter = failing(3);
  expect(limiter.delay('alice', 9_000)).toBe(1);
  expect(limiter.delay('alice', 9_999)).toBe(1);
  expect(limiter.delay('alice', 10_000)).toBe(0);
  limiter.record('alice', 10_000);
  expect(limiter.delay('alice', 10_000)).toBe(10);
});

test('no number of failures makes the wait longer than the maximum', () => {
  const limiter = failing(10_000);
  expect(limiter.delay('alice', 0)).toBe(60);
  expect(limiter.delay('alice', 60_000)).toBe(0);
});

test('a failure that is taken back never was', () => {
  const limiter = failing(3);
  limiter.takeBack('alice', 0);
  expect(limiter.delay('alice', 0)).toBe(0);
  for (let count = 0; count < 5; count++) limiter.takeBack('alice', 0);
  expect(limiter.size).toBe(0);
});

test('memory is bounded, whatever the keys, and the latest failures are remembered', () => {
  const limiter = failing(5);
  for (let key = 0; key < 1_000; key++) limiter.record(`${key}`.repeat(1_000), 0);
  expect(limiter.size).toBeLessThanOrEqual(LIMITS.maximumKeys);
  for (let count = 0; count < 3; count++) limiter.record('mallory'.repeat(1_000), 0);
  for (let key = 0; key < LIMITS.maximumKeys / 2 - 1; key++) limiter.record(`x${key}`, 0);
  expect(limiter.delay('mallory'.repeat(1_000), 0)).toBe(10);
});

test('whatever happens: a wait is whole seconds from 0 to the maximum, and is over when it is over', () => {
  const event = fc.tuple(fc.constantFrom('record', 'takeBack'), fc.constantFrom('a', 'b'), fc.nat(20_000));
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const limiter = new FailureLimiter(LIMITS);
      let now = 0;
      for (const [what, key, passed] of events) {
        now += passed;
        if (what === 'record') limiter.record(key, now);
        else limiter.takeBack(key, now);
        const delay = limiter.delay(key, now);
        expect(Number.isInteger(delay) && delay >= 0 && delay <= LIMITS.maximumDelaySeconds).toBe(true);
        expect(limiter.delay(key, now + delay * 1_000)).toBe(0);
      }
    }),
  );
});
