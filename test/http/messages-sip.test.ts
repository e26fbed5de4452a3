import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipReceived } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { acknowledging, messagesOf, openMessageClient } from './message-client.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool();
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

/** A SIP phone over TCP that takes every message. */
async function phone(options: Parameters<FrontEndPool['client']>[0] = {}) {
  const client = await pool.client({ transport: 'TCP', ...options });
  const taken: SipReceived[] = [];
  client.answerEach((request) => {
    if (request.method === 'MESSAGE') taken.push(request);
    return { status: 200 };
  });
  await client.register({ contacts: [client.contact(';expires=600', ';transport=tcp')] });
  return { client, taken, bodies: () => taken.map(({ body }) => body) };
}

it('a SIP phone hears what an HTTP client says, with its subject, from its address', async () => {
  const alice = await openMessageClient(pool);
  const { client, taken } = await phone({ frontEnd: other });
  const answer = await alice.send(`${client.account.user}@example.org`, 'Grüße', {
    subject: 'Hello',
    priority: 'urgent',
  });
  expect(answer).toMatchObject({ status: 200, body: { status: 'delivered' } });
  expect(taken).toHaveLength(1);
  const [message] = taken;
  expect(message!.body).toBe('Grüße');
  expect(message!.header('From')).toContain(`<sip:${alice.address}>`);
  expect(message!.header('P-Asserted-Identity')).toContain(alice.address);
  expect([message!.header('Subject'), message!.header('Priority')]).toEqual(['Hello', 'urgent']);
});

it('an HTTP client hears what a SIP phone says, which has 200 when the client has it', async () => {
  const bob = await openMessageClient(pool);
  const stream = await bob.online('web');
  const stop = acknowledging(stream, (id) => bob.ack(id, 'web'));
  const { client } = await phone({ frontEnd: other });
  const answer = await client.message(`sip:${bob.address}`, 'From a phone');
  stop();
  expect(answer.status).toBe(200);
  expect(messagesOf(stream)).toMatchObject([
    { from: `${client.account.user}@example.org`, to: bob.address, body: 'From a phone', contentType: 'text/plain' },
  ]);
  expect(await bob.waiting('?instance=web')).toEqual([]);
});

it('the SIP phone and the HTTP client of one account both get a message', async () => {
  const bob = await openMessageClient(pool);
  const stream = await bob.online('web');
  const { bodies } = await phone({ account: bob.account, frontEnd: other });
  const alice = await openMessageClient(pool);
  expect((await alice.send(bob.address, 'both')).status).toBe(200);
  expect(bodies()).toEqual(['both']);
  await expect.poll(() => stream.messages()).toEqual(['both']);
  await bob.ack(messagesOf(stream)[0]!.id, 'web');
  expect(await bob.waiting('?instance=web')).toEqual([]);
});

it('what waits goes to the phone that registers, and no more to a stream that opens after', async () => {
  const [alice, bob] = [await openMessageClient(pool), await openMessageClient(pool)];
  for (const body of ['one', 'two']) expect((await alice.send(bob.address, body)).status).toBe(202);
  const { bodies } = await phone({ account: bob.account, frontEnd: other });
  await expect.poll(bodies).toEqual(['one', 'two']);
  await expect.poll(() => bob.waiting()).toEqual([]);
  const stream = await bob.online('web');
  await alice.send(bob.address, 'three');
  await expect.poll(() => stream.messages()).toEqual(['three']);
});

it('what an HTTP client has acknowledged does not go to a phone that registers later', async () => {
  const [alice, bob] = [await openMessageClient(pool), await openMessageClient(pool)];
  const stream = await bob.online('web');
  const stop = acknowledging(stream, (id) => bob.ack(id, 'web'));
  expect((await alice.send(bob.address, 'read here')).status).toBe(200);
  stop();
  const { bodies } = await phone({ account: bob.account });
  await alice.send(bob.address, 'for both');
  await expect.poll(bodies).toEqual(['for both']);
});

it('more than a page of messages comes in order, each once', async () => {
  const [alice, bob] = [await openMessageClient(pool), await openMessageClient(pool)];
  const all = Array.from({ length: 45 }, (_, n) => `message ${n}`);
  for (const body of all) expect((await alice.send(bob.address, body)).status).toBe(202);
  const stream = await bob.online('web');
  await expect.poll(() => stream.messages().length).toBe(45);
  expect(stream.messages()).toEqual(all);
});

it('what is being delivered to a phone waits for how that ends, and comes after it in order', async () => {
  const [alice, bob] = [await openMessageClient(pool), await openMessageClient(pool)];
  await alice.send(bob.address, 'one');
  const account = await pool.backEnd.findCredentials({ user: bob.account.user, domain: 'example.org' });
  const [frontEnd] = await pool.backEnd.listFrontEnds();
  const { accountId } = account!;
  const taken = await pool.backEnd.takeMessages({ accountId, frontEndId: frontEnd!.id, endpointId: 1, limit: 10 });
  if (taken.outcome !== 'taken') throw new Error(taken.outcome);
  const stream = await bob.online('web');
  await expect.poll(() => stream.events()).toEqual(['registered']);
  await alice.send(bob.address, 'two');
  expect(stream.messages()).toEqual([]);
  await pool.backEnd.releaseMessages({ accountId, claim: taken.claim });
  await expect.poll(() => stream.messages()).toEqual(['one', 'two']);
});
