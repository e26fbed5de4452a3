import { expect, test } from 'vitest';
import { type Attempt, AttemptLimiter, makeAttempt } from './attempt-limiter.ts';

const alice = makeAttempt('192.0.2.1', 'alice@example.org');

function fail(limiter: AttemptLimiter, attempt: Attempt, times: number, now = 0): void {
  for (let count = 0; count < times; count++) {
    if (limiter.begin(attempt, now) === 0) limiter.end(attempt, 'failed', now);
  }
}

function succeed(limiter: AttemptLimiter, attempt: Attempt, now = 0): number {
  const wait = limiter.begin(attempt, now);
  if (wait === 0) limiter.end(attempt, 'succeeded', now);
  return wait;
}

test('alice mistypes five times and then has to wait ten seconds, as does a name that does not exist', () => {
  for (const account of ['alice@example.org', 'nobody@example.org']) {
    const limiter = new AttemptLimiter();
    fail(limiter, makeAttempt('192.0.2.1', account), 4);
    expect(limiter.begin(makeAttempt('192.0.2.1', account), 0)).toBe(0);
    expect(limiter.begin(makeAttempt('192.0.2.1', account), 0)).toBe(10);
    expect(limiter.begin(makeAttempt('192.0.2.1', account), 10_000)).toBe(0);
  }
});

test('a thousand guesses at once are no more than five', () => {
  const limiter = new AttemptLimiter();
  let looked = 0;
  for (let guess = 0; guess < 1_000; guess++) if (limiter.begin(alice, 0) === 0) looked++;
  expect(looked).toBe(5);
});

test('what refused attempts leave behind is nothing: they do not make the wait longer', () => {
  const limiter = new AttemptLimiter();
  fail(limiter, alice, 1_000);
  expect(limiter.begin(alice, 0)).toBe(10);
});

test('guessing alice from everywhere slows a new phone of hers for seconds, and her old one not at all', () => {
  const limiter = new AttemptLimiter();
  succeed(limiter, alice);
  for (let host = 0; host < 1_000; host++) fail(limiter, makeAttempt(`198.51.100.${host}`, alice.account), 5);
  expect(succeed(limiter, alice)).toBe(0);
  const newPhone = makeAttempt('192.0.2.2', alice.account);
  const wait = limiter.begin(newPhone, 0);
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(30);
  expect(succeed(limiter, newPhone, wait * 1_000)).toBe(0);
});

test('one source that tries every account is slowed; a phone behind the same NAT goes on', () => {
  const limiter = new AttemptLimiter();
  succeed(limiter, alice);
  for (let user = 0; user < 1_000; user++) fail(limiter, makeAttempt(alice.source, `user${user}`), 1);
  expect(limiter.begin(makeAttempt(alice.source, 'user1000'), 0)).toBeGreaterThan(0);
  expect(succeed(limiter, alice)).toBe(0);
  expect(succeed(limiter, makeAttempt(alice.source, 'bob'), 10_000)).toBe(0);
});

test("alice's other phone with her old password, behind the same NAT, does not keep this one out", () => {
  const limiter = new AttemptLimiter();
  succeed(limiter, alice);
  for (let second = 0; second < 600; second += 2) {
    fail(limiter, alice, 1, second * 1_000);
    expect(succeed(limiter, alice, second * 1_000)).toBe(0);
  }
});

test('guessing from an address that is trusted is slowed as well', () => {
  const limiter = new AttemptLimiter();
  succeed(limiter, alice);
  fail(limiter, alice, 200);
  expect(limiter.begin(alice, 0)).toBeGreaterThan(0);
});

test('ten thousand phones behind one address sign in at once', () => {
  const limiter = new AttemptLimiter();
  for (let user = 0; user < 10_000; user++) expect(limiter.begin(makeAttempt('nat', `u${user}`), 0)).toBe(0);
  for (let user = 0; user < 10_000; user++) limiter.end(makeAttempt('nat', `u${user}`), 'succeeded', 0);
});

test('a back end that does not answer is nobody’s failure', () => {
  const limiter = new AttemptLimiter();
  for (let count = 0; count < 50; count++) {
    expect(limiter.begin(alice, 0)).toBe(0);
    limiter.end(alice, 'undecided', 0);
  }
});

test('a name without end takes no more room than another', () => {
  const limiter = new AttemptLimiter();
  const account = 'a'.repeat(4_000);
  expect(succeed(limiter, makeAttempt('s', account))).toBe(0);
  fail(limiter, makeAttempt('t', account), 5);
  expect(limiter.begin(makeAttempt('t', account), 0)).toBe(10);
});
