import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const WRONG = 'not the password';

/** Statuses of `count` tries with a wrong password from `from`. */
async function guess(account: { user: string; domain: string }, from: string, count: number): Promise<number[]> {
  const guesser = await pool.client({ account: { ...account, password: WRONG }, from });
  const statuses = [];
  for (let n = 0; n < count; n++) statuses.push((await guesser.register()).status);
  return statuses;
}

it('a phone whose requests are refused for what they ask is no guesser, and is not slowed', async () => {
  const phone = await pool.client({ from: '127.0.2.20' });
  for (let count = 0; count < 8; count++) {
    expect((await phone.register({ contacts: [phone.contact()], expires: 1 })).status).toBe(423);
  }
  expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
});

describe('somebody who guesses passwords', () => {
  it('has to wait after a few tries, and is told how long', async () => {
    const { account } = await pool.client();
    expect(await guess(account, '127.0.2.1', 7)).toEqual([401, 401, 401, 401, 401, 503, 503]);
    const guesser = await pool.client({ account: { ...account, password: WRONG }, from: '127.0.2.1' });
    const seconds = Number((await guesser.register()).header('Retry-After'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(await pool.metric('rollcall_authentications_total{outcome="slowed"}')).toBeGreaterThan(0);
  });

  it('has to wait with the right password too, or guessing would go on', async () => {
    const { account } = await pool.client();
    await guess(account, '127.0.2.2', 6);
    const right = await pool.client({ account, from: '127.0.2.2' });
    expect((await right.register()).status).toBe(503);
  });

  it('learns nothing about which accounts exist: unknown ones are slowed alike', async () => {
    const nobody = { user: 'nobody', domain: 'example.org' };
    expect(await guess(nobody, '127.0.2.3', 6)).toEqual([401, 401, 401, 401, 401, 503]);
  });

  it('gains nothing by asking many things at once', async () => {
    const { account } = await pool.client();
    const guessers = await Promise.all(
      Array.from({ length: 12 }, () => pool.client({ account: { ...account, password: WRONG }, from: '127.0.2.4' })),
    );
    const challenged = await Promise.all(guessers.map((guesser) => guesser.exchange()));
    const answers = await Promise.all(guessers.map((guesser, n) => guesser.answerChallenge(challenged[n]!)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(7);
  });

  it('from one address does not lock out the phone next door, nor other accounts', async () => {
    const alice = await pool.client({ from: '127.0.2.5' });
    await guess(alice.account, '127.0.2.6', 8);
    expect((await alice.register()).status).toBe(200);
    const bob = await pool.client({ from: '127.0.2.6' });
    expect((await bob.register()).status).toBe(200);
  });

  it('from many addresses is slowed by the account; a phone that got in before still gets in', async () => {
    const alice = await pool.client({ from: '127.0.3.1' });
    expect((await alice.register({ contacts: [alice.contact()] })).status).toBe(200);
    for (let source = 2; source <= 6; source++) await guess(alice.account, `127.0.3.${source}`, 5);
    expect(await guess(alice.account, '127.0.3.99', 1)).toEqual([503]);
    expect((await alice.register({ contacts: [alice.contact()] })).status).toBe(200);
  });

  it('on many accounts from one address is slowed by the address', async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 30; n++) {
      for (const status of await guess({ user: `guessed${n}`, domain: 'example.org' }, '127.0.4.1', 5))
        statuses.add(status);
    }
    expect(statuses).toEqual(new Set([401, 503]));
    const alice = await pool.client({ from: '127.0.4.2' });
    expect((await alice.register()).status).toBe(200);
  });
});
