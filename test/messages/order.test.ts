import type { RunningFrontEnd } from '@rollcall/front-end';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;

beforeAll(async () => {
  pool = await startFrontEndPool();
  other = await pool.addFrontEnd();
});

afterAll(async () => {
  await pool?.stop();
});

test.each([
  ['the same front end', () => pool.frontEnd],
  ['another front end', () => other],
])('what is sent while a phone gets what waited, through %s, comes after it', async (where, frontEnd) => {
  const name = where.replaceAll(' ', '-');
  const alice = await openPhone(pool, await pool.addAccount(`alice-of-${name}`));
  const bob = await pool.addAccount(`bob-of-${name}`);
  const uri = `sip:${bob.user}@${DOMAIN}`;
  for (const text of ['one', 'two', 'three']) expect((await alice.message(uri, text)).status).toBe(202);

  const phone = await openPhone(pool, bob, { frontEnd: frontEnd() });
  const heard = [await phone.receive('MESSAGE')];
  const live = [alice.message(uri, 'four'), alice.message(uri, 'five')];
  // What goes the same way after them has arrived: so have they.
  const carol = await openPhone(pool, await pool.addAccount(`carol-of-${name}`), { frontEnd: frontEnd() });
  carol.answerEach(() => ({ status: 200 }));
  expect((await alice.message(`sip:${carol.account.user}@${DOMAIN}`, 'after them')).status).toBe(200);

  phone.answer(heard[0]!, 200);
  while (heard.length < 5) {
    const message = await phone.receive('MESSAGE');
    heard.push(message);
    phone.answer(message, 200);
  }
  expect(heard.map(({ body }) => body).slice(0, 3)).toEqual(['one', 'two', 'three']);
  expect(heard.map(({ body }) => body).toSorted()).toEqual(['five', 'four', 'one', 'three', 'two']);
  for (const { status } of await Promise.all(live)) expect(status).toBe(200);
});

test('a phone that is slow to take what waited still gets what is sent to it', async () => {
  const alice = await openPhone(pool, await pool.addAccount('alice'));
  const bob = await pool.addAccount('bob');
  expect((await alice.message(`sip:bob@${DOMAIN}`, 'waited')).status).toBe(202);
  const phone = await openPhone(pool, bob, { frontEnd: other });
  const waited = await phone.receive('MESSAGE');
  const sent = alice.message(`sip:bob@${DOMAIN}`, 'live');
  const live = await phone.receive('MESSAGE', 15_000);
  expect(live.body).toBe('live');
  phone.answer(live, 200);
  expect((await sent).status).toBe(200);
  phone.answer(waited, 200);
}, 30_000);
