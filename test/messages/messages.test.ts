import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { newInstance, openPhone } from '../phones.ts';

let pool: FrontEndPool;
let frontEnds: RunningFrontEnd[];
let alice: SipClient;
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
  frontEnds = [pool.frontEnd, await pool.addFrontEnd(), await pool.addFrontEnd()];
  alice = await openPhone(pool, await pool.addAccount('alice'));
});

afterAll(async () => {
  await pool?.stop();
});

async function friend() {
  const account = await pool.addAccount(`friend${++made}`);
  return { account, uri: `sip:${account.user}@${DOMAIN}` };
}

describe('a message to somebody with phones on three front ends', () => {
  test('reaches each of them, once, and the sender is told 200', async () => {
    const { account, uri } = await friend();
    const phones: SipClient[] = [];
    for (const [index, transport] of (['TCP', 'UDP', 'WS'] as const).entries()) {
      phones.push(await openPhone(pool, account, { frontEnd: frontEnds[index]!, transport }));
    }
    const sent = alice.message(uri, 'lunch?');
    for (const phone of phones) {
      const message = await phone.receive('MESSAGE');
      expect(message.body).toBe('lunch?');
      expect(message.header('From')).toContain(`<sip:alice@${DOMAIN}>`);
      phone.answer(message, 200);
    }
    expect((await sent).status).toBe(200);
    expect(phones.flatMap((phone) => phone.connection.takeRequests())).toEqual([]);
  });

  test('is taken when one takes it, whatever the others say', async () => {
    const { account, uri } = await friend();
    const deaf = await openPhone(pool, account, { frontEnd: frontEnds[1]! });
    const hears = await openPhone(pool, account, { frontEnd: frontEnds[2]! });
    const sent = alice.message(uri, 'lunch?');
    deaf.answer(await deaf.receive('MESSAGE'), 415, { reason: 'Unsupported Media Type' });
    hears.answer(await hears.receive('MESSAGE'), 200);
    expect((await sent).status).toBe(200);
  });

  test('that all refuse is refused, and not kept', async () => {
    const { account, uri } = await friend();
    const phone = await openPhone(pool, account, { frontEnd: frontEnds[1]! });
    const sent = alice.message(uri, 'lunch?');
    phone.answer(await phone.receive('MESSAGE'), 415, { reason: 'Unsupported Media Type' });
    expect((await sent).status).toBe(415);
    const again = await openPhone(pool, account, { frontEnd: frontEnds[2]! });
    await expect(again.receive('MESSAGE', 500)).rejects.toThrow('no such request');
  });
});

describe('a message to somebody who is not there', () => {
  test('waits, in order and with its date, for the first phone that registers, and comes once', async () => {
    const { account, uri } = await friend();
    for (const text of ['one', 'two', 'three']) expect((await alice.message(uri, text)).status).toBe(202);
    const phone = await openPhone(pool, account, { frontEnd: frontEnds[2]!, transport: 'WS' });
    for (const text of ['one', 'two', 'three']) {
      const message = await phone.receive('MESSAGE');
      expect(message.body).toBe(text);
      expect(message.header('From')).toContain(`sip:alice@${DOMAIN}`);
      expect(Math.abs(Date.now() - Date.parse(message.header('Date') ?? ''))).toBeLessThan(20_000);
      phone.answer(message, 200);
    }
    const second = await openPhone(pool, account, { frontEnd: frontEnds[1]! });
    await expect(second.receive('MESSAGE', 700)).rejects.toThrow('no such request');
    expect(phone.connection.takeRequests()).toEqual([]);
  });

  test('stays when the phone that it was sent to goes without an answer', async () => {
    const { account, uri } = await friend();
    expect((await alice.message(uri, 'important')).status).toBe(202);
    const instance = newInstance();
    const first = await openPhone(pool, account, { frontEnd: frontEnds[1]!, instance });
    await first.receive('MESSAGE');
    await first.close();
    const again = await openPhone(pool, account, { frontEnd: frontEnds[2]!, instance });
    const message = await again.receive('MESSAGE', 15_000);
    expect(message.body).toBe('important');
    again.answer(message, 200);
  }, 30_000);

  test('whose phone is on a connection that has just gone is kept too: 200 or 202, never lost', async () => {
    const { account, uri } = await friend();
    const instance = newInstance();
    const phone = await openPhone(pool, account, { frontEnd: frontEnds[1]!, instance });
    const sent = alice.message(uri, 'on the way');
    await phone.receive('MESSAGE');
    await phone.close(); // it has not answered
    expect((await sent).status).toBe(202);
    const again = await openPhone(pool, account, { frontEnd: frontEnds[2]!, instance });
    const message = await again.receive('MESSAGE');
    expect(message.body).toBe('on the way');
    again.answer(message, 200);
  });
});

describe('what a message is made of', () => {
  const imdn =
    '<?xml version="1.0"?><imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>34jk324j</message-id></imdn>';
  const composing =
    '<?xml version="1.0"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>';
  const cpim =
    'From: <im:alice@example.org>\r\nTo: <im:bob@example.org>\r\nDateTime: 2026-11-22T13:40:00Z\r\n\r\nContent-Type: text/plain\r\n\r\nHellö 🙂';
  test.each([
    { type: 'application/im-iscomposing+xml', body: composing },
    { type: 'message/imdn+xml', body: imdn },
    { type: 'message/cpim', body: cpim },
    { type: 'text/html; charset="utf-8"', body: '<p>🙂</p>' },
  ])('passes as it is: $type', async ({ type, body }) => {
    const { account, uri } = await friend();
    const phone = await openPhone(pool, account, { frontEnd: frontEnds[1]! });
    const sent = alice.message(uri, body, { headers: [['Content-Type', type]] });
    const message = await phone.receive('MESSAGE');
    expect(message.header('Content-Type')).toBe(type);
    expect(message.body).toBe(body);
    phone.answer(message, 200);
    expect((await sent).status).toBe(200);
  });
});

describe('who may send', () => {
  test('nobody in the name of another', async () => {
    const { account, uri } = await friend();
    const phone = await openPhone(pool, account, { frontEnd: frontEnds[1]! });
    const answer = await alice.message(uri, 'hello', { from: `<sip:${account.user}@${DOMAIN}>;tag=1` });
    expect(answer.status).toBe(403);
    expect(phone.connection.takeRequests()).toEqual([]);
  });

  test.each([
    { to: `sip:nobody@${DOMAIN}`, status: 404 },
    { to: 'sip:bob@elsewhere.example', status: 403 },
  ])('nothing to $to: $status', async ({ to, status }) => {
    expect((await alice.message(to, 'hello')).status).toBe(status);
  });
});
