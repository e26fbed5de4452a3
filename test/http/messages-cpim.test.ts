import type { SipReceived } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { messagesOf, openMessageClient } from './message-client.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const newcomers = () => Promise.all([openMessageClient(pool), openMessageClient(pool)]);

it('an HTTP client says in CPIM who, when and about what, and another one is told', async () => {
  const [alice, bob] = await newcomers();
  const stream = await bob.online('web');
  const dateTime = '2026-11-22T13:40:00+01:00';
  const cpim = { fromName: 'Alice "A" Example', subject: 'Grüße', dateTime };
  const asked = { messageId: '34jk324j', notify: ['positive-delivery', 'display'] };
  const contentType = 'text/html;charset=utf-8';
  await alice.send(bob.address, '<p>🙂</p>', { contentType, cpim: { ...cpim, ...asked } });
  await expect.poll(() => messagesOf(stream)).toHaveLength(1);
  const [message] = messagesOf(stream);
  expect(message).toMatchObject({ from: alice.address, contentType: 'message/cpim' });
  expect(message.cpim).toEqual({
    ...{ ...cpim, ...asked, from: alice.address, to: [bob.address] },
    ...{ contentType, body: '<p>🙂</p>', encoding: 'utf-8' },
  });
});

it('a SIP phone gets it as CPIM', async () => {
  const [alice] = await newcomers();
  const client = await pool.client({ transport: 'TCP' });
  const taken: SipReceived[] = [];
  client.answerEach((request) => {
    taken.push(request);
    return { status: 200 };
  });
  await client.register({ contacts: [client.contact(';expires=600', ';transport=tcp')] });
  const to = `${client.account.user}@example.org`;
  const cpim = { from: 'im:alice@gateway.example', dateTime: '2026-11-22T13:40:00Z', messageId: 'id-1' };
  const imdn = '<imdn xmlns="urn:ietf:params:xml:ns:imdn"/>';
  expect(await alice.send(to, imdn, { contentType: 'message/imdn+xml', cpim })).toMatchObject({ status: 200 });
  expect(taken[0]!.header('Content-Type')).toBe('message/cpim');
  expect(taken[0]!.body.split('\r\n')).toEqual([
    ...['From: <im:alice@gateway.example>', `To: <sip:${to}>`, 'DateTime: 2026-11-22T13:40:00Z'],
    ...['NS: imdn <urn:ietf:params:imdn>', 'imdn.Message-ID: id-1', ''],
    ...['Content-Type: message/imdn+xml', 'Content-Disposition: notification', '', imdn],
  ]);
});

it('what is no CPIM has none, also when it says that it were', async () => {
  const [alice, bob] = await newcomers();
  for (const contentType of ['text/plain', 'message/cpim']) await alice.send(bob.address, 'hello', { contentType });
  const { messages } = (await bob.ask('GET /v1/messages')).body;
  expect(messages).toMatchObject([
    { body: 'hello', cpim: null },
    { body: 'hello', cpim: null },
  ]);
});

it('who wants to be notified names the message, and nothing ends a header field early', async () => {
  const [alice, bob] = await newcomers();
  const refused = await alice.send(bob.address, 'x', { cpim: { notify: ['display'] } });
  expect(refused).toMatchObject({ status: 422, body: { type: 'urn:rollcall:problem:invalid-request' } });
  for (const cpim of [{ messageId: 'a\r\nb' }, { notify: ['x'], messageId: 'a' }, { dateTime: 'now' }, { other: 1 }]) {
    expect((await alice.send(bob.address, 'x', { cpim })).status).toBe(400);
  }
  const subject = 'one\r\nFrom: <im:boss@example.org>\r\n\r\n';
  const from = 'im:a@b>\r\nSubject: two\r\n\r\n';
  expect((await alice.send(bob.address, 'x', { cpim: { subject, from, fromName: '"\r\n' } })).status).toBe(202);
  const [{ cpim }] = (await bob.ask('GET /v1/messages')).body.messages;
  expect(cpim).toMatchObject({ subject, fromName: '"\r\n', body: 'x', to: [bob.address] });
});
