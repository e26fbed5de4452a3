import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

describe('how long a binding lasts', () => {
  let pool: FrontEndPool;
  beforeAll(async () => {
    pool = await startFrontEndPool();
  });
  afterAll(() => pool.stop());

  it.each([
    { what: 'nothing asked for: 600 s', contact: '<sip:alice@192.0.2.1>', seconds: 600 },
    { what: 'the Expires header', contact: '<sip:alice@192.0.2.1>', expires: 120, seconds: 120 },
    { what: 'the expires parameter', contact: '<sip:alice@192.0.2.1>;expires=130', seconds: 130 },
    {
      what: 'the parameter before the header',
      contact: '<sip:alice@192.0.2.1>;expires=140',
      expires: 99,
      seconds: 140,
    },
    { what: 'a zero header but a parameter', contact: '<sip:alice@192.0.2.1>;expires=150', expires: 0, seconds: 150 },
    { what: 'the shortest', contact: '<sip:alice@192.0.2.1>;expires=60', seconds: 60 },
    { what: 'the longest', contact: '<sip:alice@192.0.2.1>;expires=3600', seconds: 3600 },
    { what: 'more than the longest', contact: '<sip:alice@192.0.2.1>;expires=3601', seconds: 3600 },
    { what: 'far too much in the header', contact: '<sip:alice@192.0.2.1>', expires: 4294967296, seconds: 3600 },
    { what: 'twenty digits', contact: '<sip:alice@192.0.2.1>;expires=99999999999999999999', seconds: 3600 },
    { what: 'a malformed parameter, which means 3600', contact: '<sip:alice@192.0.2.1>;expires=soon', seconds: 3600 },
    { what: 'a negative parameter, which is malformed', contact: '<sip:alice@192.0.2.1>;expires=-1', seconds: 3600 },
    { what: 'a parameter without value', contact: '<sip:alice@192.0.2.1>;expires', seconds: 3600 },
    { what: 'a parameter in capitals', contact: '<sip:alice@192.0.2.1>;EXPIRES=160', seconds: 160 },
    { what: 'a Contact without brackets', contact: 'sip:alice@192.0.2.1;expires=170', seconds: 170 },
  ])('$what: $seconds s', async ({ contact, expires, seconds }) => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [contact], ...(expires !== undefined && { expires }) });
    expect(answer.status).toBe(200);
    expect(answer.contacts.map((one) => one.expires)).toEqual([seconds]);
    // pidgin-sipe takes the time from this header alone.
    expect(answer.header('Expires')).toBe(String(seconds));
  });

  it.each([
    { what: 'the parameter', contacts: ['<sip:alice@192.0.2.1>;expires=59'] },
    { what: 'the header', contacts: ['<sip:alice@192.0.2.1>'], expires: 1 },
  ])('too brief a time in $what is refused with 423 and the shortest that will do', async ({ what: _, ...request }) => {
    const alice = await pool.client();
    const answer = await alice.register(request);
    expect(answer.status).toBe(423);
    expect(answer.header('Min-Expires')).toBe('60');
    expect((await alice.register()).contacts).toEqual([]);
  });

  it('a malformed Expires header is refused with 400', async () => {
    const alice = await pool.client();
    expect((await alice.exchange({ contacts: [alice.contact()], expires: 'soon' })).status).toBe(400);
  });

  it('the answer counts down: a query tells what is left', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: [alice.contact(';expires=100')] });
    await sleep(1100);
    const left = (await alice.register()).contacts[0]?.expires;
    expect(left).toBeGreaterThan(90);
    expect(left).toBeLessThan(100);
  });
});

describe('an endpoint whose time is over', () => {
  it('is gone from the answer at the second, and the server clears it away', async () => {
    const pool = await startFrontEndPool({ minExpires: 1, defaultExpires: 60 });
    try {
      const alice = await pool.client();
      const sent = Date.now();
      await alice.register({ contacts: ['<sip:alice@192.0.2.1>;expires=2', '<sip:alice@192.0.2.2>;expires=60'] });
      const answered = Date.now();
      const present = async () => (await alice.register()).contacts.map(({ uri }) => uri.slice(-1)).join();
      await sleep(sent + 1300 - Date.now());
      expect(await present()).toBe('1,2');
      await sleep(answered + 2050 - Date.now());
      expect(await present()).toBe('2');
      await expect.poll(() => pool.metric('rollcall_endpoints_expired_total'), { timeout: 5000 }).toBe(1);
      expect(await present()).toBe('2');
    } finally {
      await pool.stop();
    }
  });
});
