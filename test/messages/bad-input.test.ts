import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipAccount, SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';

let pool: FrontEndPool;
let second: RunningFrontEnd;
let account: SipAccount;
let alice: SipClient;
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
  second = await pool.addFrontEnd();
  account = await pool.addAccount('alice');
  alice = await openPhone(pool, account);
});

afterAll(async () => {
  await pool?.stop();
});

async function friend() {
  const account = await pool.addAccount(`friend${++made}`);
  return { account, uri: `sip:${account.user}@${DOMAIN}` };
}

const FORGED = [
  ['P-Asserted-Identity', `"Boss" <sip:boss@${DOMAIN}>`],
  ['P-Asserted-Identity', '<tel:+4930110>'],
] as const;

describe('an identity that a sender asserts of itself', () => {
  test('does not arrive: what arrives is who it has proven to be', async () => {
    const { account, uri } = await friend();
    const phone = await openPhone(pool, account, { frontEnd: second });
    const sent = alice.message(uri, 'hello', { headers: FORGED });
    const message = await phone.receive('MESSAGE');
    expect(message.headers('P-Asserted-Identity')).toEqual([`<sip:alice@${DOMAIN}>`]);
    phone.answer(message, 200);
    expect((await sent).status).toBe(200);
  });

  test('does not wait for an absent friend either', async () => {
    const { account, uri } = await friend();
    expect((await alice.message(uri, 'hello', { headers: FORGED })).status).toBe(202);
    const phone = await openPhone(pool, account, { frontEnd: second });
    const message = await phone.receive('MESSAGE');
    expect(message.headers('P-Asserted-Identity')).toEqual([`<sip:alice@${DOMAIN}>`]);
    phone.answer(message, 200);
  });

  test('is kept from who gets the message when its sender wants that (RFC 3325 §9.3), delivered or stored', async () => {
    const { account, uri } = await friend();
    const options = {
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a',
      headers: [['Privacy', 'id'] as const, ['P-Preferred-Identity', `<sip:alice@${DOMAIN}>`] as const, ...FORGED],
    };
    expect((await alice.message(uri, 'guess who', options)).status).toBe(202);
    const phone = await openPhone(pool, account, { frontEnd: second });
    const stored = await phone.receive('MESSAGE');
    phone.answer(stored, 200);
    const sent = alice.message(uri, 'guess who', options);
    const direct = await phone.receive('MESSAGE');
    phone.answer(direct, 200);
    expect((await sent).status).toBe(200);
    for (const { text } of [stored, direct]) {
      expect(text).toContain('guess who');
      expect(text).not.toContain(`sip:alice@${DOMAIN}`);
      expect(text).not.toMatch(/boss|4930110/);
    }
  });
});

describe('nobody writes in the name of another', () => {
  test.each([
    { how: 'From', from: `<sip:FRIEND@${DOMAIN}>;tag=1`, headers: [] },
    {
      how: 'From beside an identity of their own',
      from: `<sip:FRIEND@${DOMAIN}>;tag=1`,
      headers: [['P-Preferred-Identity', `<sip:alice@${DOMAIN}>`] as const],
    },
    {
      how: 'P-Preferred-Identity',
      from: '<sip:anonymous@anonymous.invalid>;tag=1',
      headers: [['P-Preferred-Identity', `<sip:FRIEND@${DOMAIN}>`] as const],
    },
    {
      how: 'From of a foreign domain beside an identity of their own',
      from: '<sip:ceo@bank.example>;tag=1',
      headers: [['P-Preferred-Identity', `<sip:alice@${DOMAIN}>`] as const],
    },
  ])('by $how', async ({ from, headers }) => {
    const { account, uri } = await friend();
    const phone = await openPhone(pool, account, { frontEnd: second });
    const named = (text: string) => text.replace('FRIEND', account.user);
    const options = { from: named(from), headers: headers.map(([name, value]) => [name, named(value)] as const) };
    expect((await alice.message(uri, 'hello', options)).status).toBe(403);
    expect(phone.connection.takeRequests()).toEqual([]);
  });
});

describe('a message', () => {
  test('to oneself reaches all of one’s phones', async () => {
    const own = await pool.addAccount(`selfish${++made}`);
    const [phone, other] = [await openPhone(pool, own), await openPhone(pool, own, { frontEnd: second })];
    const sent = phone.message(`sip:${own.user}@${DOMAIN}`, 'note');
    for (const one of [phone, other]) one.answer(await one.receive('MESSAGE'), 200);
    expect((await sent).status).toBe(200);
  });

  test.each([
    { to: `sip:${DOMAIN}`, status: 404 },
    { to: `sip:alice@${DOMAIN};gr`, status: 404 },
    { to: `sip:alice@${DOMAIN}?body=x`, status: 400 },
    { to: `sips:nobody@${DOMAIN}`, status: 404 },
    { to: 'im:alice@example.org', status: 416 },
  ])('to $to is told $status', async ({ to, status }) => {
    expect((await alice.message(to, 'hello')).status).toBe(status);
  });

  test.each([
    { header: ['Max-Breadth', '0'], status: 440 },
    { header: ['Max-Breadth', 'many'], status: 400 },
    { header: ['Expires', 'never'], status: 400 },
    { header: ['Proxy-Require', 'magic'], status: 420 },
    { header: ['Privacy', 'session;critical'], status: 500 },
  ] as const)('with $header.0: $header.1 is told $status and neither sent nor kept', async ({ header, status }) => {
    const { account, uri } = await friend();
    expect((await alice.message(uri, 'hello', { headers: [header] })).status).toBe(status);
    const phone = await openPhone(pool, account, { frontEnd: second });
    await expect(phone.receive('MESSAGE', 300)).rejects.toThrow('no such request');
  });

  test('with a To tag and no token is nobody’s dialog: it is delivered or refused, and not kept', async () => {
    const { account, uri } = await friend();
    const phone = await openPhone(pool, account, { frontEnd: second });
    const sent = alice.message(uri, 'hello', { to: `<${uri}>;tag=made-up` });
    phone.answer(await phone.receive('MESSAGE'), 481);
    expect((await sent).status).toBe(481);
    await phone.close();
    expect([404, 480]).toContain((await alice.message(uri, 'hello', { to: `<${uri}>;tag=made-up` })).status);
  });

  test('that comes five times arrives once', async () => {
    const { account, uri } = await friend();
    const phone = await openPhone(pool, account, { frontEnd: second });
    const sender = await openPhone(pool, await pool.addAccount(`sender${++made}`), { transport: 'UDP' });
    const request = { method: 'MESSAGE', uri, to: `<${uri}>`, callId: `again${made}`, body: 'hello' };
    const challenged = await sender.exchange(request);
    const authorization = ['Proxy-Authorization', sender.authorization(challenged, request)] as const;
    const text = sender.request({ ...request, headers: [authorization] });
    for (let times = 0; times < 5; times++) sender.connection.send(text);
    const answered = sender.finalAnswer(text);
    phone.answer(await phone.receive('MESSAGE'), 200);
    expect((await answered).status).toBe(200);
    sender.connection.send(text);
    expect((await sender.finalAnswer(text)).status).toBe(200);
    expect(phone.connection.takeRequests()).toEqual([]);
  });
});
