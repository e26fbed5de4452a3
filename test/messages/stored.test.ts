import type { SipClient, SipReceived } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';

let pool: FrontEndPool;
let alice: SipClient;
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
  alice = await openPhone(pool, await pool.addAccount('alice'));
});

afterAll(async () => {
  await pool?.stop();
});

async function absentFriend() {
  const account = await pool.addAccount(`friend${++made}`);
  return { account, uri: `sip:${account.user}@${DOMAIN}` };
}

/** What an account that has been away is given when its phone registers: all that waits, and a last one to end with. */
async function given({ account, uri }: Awaited<ReturnType<typeof absentFriend>>): Promise<SipReceived[]> {
  expect((await alice.message(uri, 'the last one')).status).toBe(202);
  const phone = await openPhone(pool, account);
  const all: SipReceived[] = [];
  for (;;) {
    const message = await phone.receive('MESSAGE');
    phone.answer(message, 200);
    if (message.body === 'the last one') return all;
    all.push(message);
  }
}

const CPIM = ['Content-Type', 'message/cpim'] as const;
const head = 'From: <im:alice@example.org>\r\nTo: <im:bob@example.org>\r\n';
const wrapped = (content: string, type = 'text/plain') => `\r\nContent-Type: ${type}\r\n\r\n${content}`;

describe('a CPIM message that waits', () => {
  test('is given the date at which it was sent, when its sender gave none', async () => {
    const bob = await absentFriend();
    const date = 'Sun, 22 Nov 2026 13:40:00 GMT';
    const headers = [CPIM, ['Date', date]] as [string, string][];
    expect((await alice.message(bob.uri, head + wrapped('Grüße 🙂'), { headers })).status).toBe(202);
    const [message] = await given(bob);
    expect(message!.header('Date')).toBe(date);
    expect(message!.header('Content-Type')).toBe('message/cpim');
    expect(message!.body).toBe(`${head}DateTime: 2026-11-22T13:40:00Z\r\n${wrapped('Grüße 🙂')}`);
  });

  test.each([
    ['with a date of its own', `${head}DateTime: 2001-02-03T04:05:06Z\r\n${wrapped('then')}`],
    [
      'that asks for a delivery notification, which is the phone’s to send',
      `${head}DateTime: 2001-02-03T04:05:06Z\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk324j\r\n` +
        `imdn.Disposition-Notification: positive-delivery, display\r\n${wrapped('seen?')}`,
    ],
    ['that is none', 'no CPIM at all'],
  ])('%s comes as it is', async (_what, body) => {
    const bob = await absentFriend();
    expect((await alice.message(bob.uri, body, { headers: [CPIM] })).status).toBe(202);
    expect((await given(bob)).map((message) => message.body)).toEqual([body]);
    expect(alice.connection.takeRequests()).toEqual([]);
  });
});

test('a delivery notification waits as any message does', async () => {
  const bob = await absentFriend();
  const body = '<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>34jk324j</message-id></imdn>';
  const headers = [
    ['Content-Type', 'message/imdn+xml'],
    ['Content-Disposition', 'notification'],
  ] as [string, string][];
  expect((await alice.message(bob.uri, body, { headers })).status).toBe(202);
  const [message] = await given(bob);
  expect(message!.body).toBe(body);
  expect(message!.header('Content-Disposition')).toBe('notification');
});

describe('what means nothing later does not wait, and its sender is told 480', () => {
  const composing = '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>';
  const type = 'application/im-iscomposing+xml';
  test.each([
    ['that somebody is typing', composing, [['Content-Type', type]]],
    ['that somebody is typing, in CPIM', head + wrapped(composing, type), [CPIM]],
    ['what has expired by then', 'now or never', [['Expires', '0']]],
  ])('%s', async (_what, body, headers) => {
    const bob = await absentFriend();
    const answer = await alice.message(bob.uri, body, { headers: headers as [string, string][] });
    expect(answer.status).toBe(480);
    expect(await given(bob)).toEqual([]);
  });
});

test('whose message it is says the pool, not its sender, also when it has waited', async () => {
  const bob = await absentFriend();
  const forged = [['P-Asserted-Identity', `<sip:boss@${DOMAIN}>`]] as [string, string][];
  expect((await alice.message(bob.uri, 'give me a rise', { headers: forged })).status).toBe(202);
  const [message] = await given(bob);
  expect(message!.text).toContain(`P-Asserted-Identity: <sip:alice@${DOMAIN}>`);
  expect(message!.text).not.toContain('boss');
});

test('who wants to be anonymous is so too when the message has waited', async () => {
  const bob = await absentFriend();
  expect((await alice.message(bob.uri, 'guess who', { headers: [['Privacy', 'id']] })).status).toBe(202);
  const [message] = await given(bob);
  expect(message!.text).not.toContain('P-Asserted-Identity');
});
