import type { RunningFrontEnd } from '@rollcall/front-end';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { follow } from './event-client.ts';
import { call, problem, signIn } from './http-client.ts';
import { acknowledging, messagesOf, openMessageClient } from './message-client.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool({ maxWaitingMessages: 5 });
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

const newcomer = () => openMessageClient(pool);

describe('a message from one HTTP client to another', () => {
  it('is delivered when that one has acknowledged it, through whichever front ends', async () => {
    const [alice, bob] = [await newcomer(), await newcomer()];
    const stream = await bob.online('web', other);
    const stop = acknowledging(stream, (id) => bob.ack(id, 'web', other));
    const answer = await alice.send(bob.address, 'Lunch?', { subject: 'Today' });
    stop();
    expect(answer).toMatchObject({ status: 200, body: { status: 'delivered' } });
    expect(messagesOf(stream)).toEqual([
      {
        ...{ id: expect.any(Number), from: alice.address, fromName: null, to: bob.address, subject: 'Today' },
        ...{ contentType: 'text/plain;charset=utf-8', body: 'Lunch?', encoding: 'utf-8', cpim: null },
        callId: expect.any(String),
        at: expect.stringMatching(/Z$/),
        expiresAt: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it('is stored when nobody is there, and comes in order when somebody is', async () => {
    const [alice, bob] = [await newcomer(), await newcomer()];
    const told: { id: number; body: string }[] = [];
    for (const body of ['one', 'two', 'three']) {
      const answer = await alice.send(bob.address, body);
      expect(answer).toMatchObject({ status: 202, body: { status: 'stored', messageId: expect.any(Number) } });
      told.push({ id: answer.body.messageId, body });
    }
    const waiting: { id: number; body: string }[] = (await bob.ask('GET /v1/messages')).body.messages;
    expect(waiting.map(({ id, body }) => ({ id, body }))).toEqual(told);
    const stream = await bob.online('web');
    await expect.poll(() => stream.messages()).toEqual(['one', 'two', 'three']);
  });

  it('comes again when a stream opens, until it is acknowledged, and then never', async () => {
    const [alice, bob] = [await newcomer(), await newcomer()];
    for (const body of ['one', 'two']) await alice.send(bob.address, body);
    const first = await bob.online('web');
    await expect.poll(() => first.messages()).toEqual(['one', 'two']);
    const { id } = messagesOf(first)[0]!;
    expect((await bob.ack(id, 'web')).status).toBe(204);
    expect((await bob.ack(id, 'web')).status).toBe(204);
    first.close();
    const second = await bob.again('web', other);
    await expect.poll(() => second.messages()).toEqual(['two']);
    await bob.ack(messagesOf(second)[0]!.id, 'web', other);
    const third = await bob.again('web');
    await alice.send(bob.address, 'three');
    await expect.poll(() => third.messages()).toEqual(['three']);
    expect((await bob.ask('GET /v1/messages')).body.messages).toHaveLength(1);
  });

  it('may be anything: bytes come as base64', async () => {
    const [alice, bob] = [await newcomer(), await newcomer()];
    const stream = await bob.online('web');
    const bytes = Buffer.from([0xff, 0xd8, 0, 1]).toString('base64');
    await alice.send(bob.address, bytes, { encoding: 'base64', contentType: 'image/jpeg' });
    await expect
      .poll(() => messagesOf(stream))
      .toMatchObject([{ body: bytes, encoding: 'base64', contentType: 'image/jpeg' }]);
  });

  it('may be as long as SIP carries, and longer ones are refused', async () => {
    const [alice, bob] = [await newcomer(), await newcomer()];
    const stream = await bob.online('web');
    const long = 'x'.repeat(48 * 1024);
    expect((await alice.send(bob.address, long)).status).toBe(202);
    await expect.poll(() => stream.messages()).toEqual([long]);
    expect((await alice.send(bob.address, `${long}x`)).status).toBe(413);
  });
});

describe('a message is refused with a problem', () => {
  it('when there is no such account, or the domain is another', async () => {
    const alice = await newcomer();
    expect(await alice.send('nobody@example.org', 'x')).toMatchObject(problem('recipient-unknown', 404));
    expect(await alice.send('bob@elsewhere.example', 'x')).toMatchObject(problem('message-refused', 403));
  });

  it('when its address or content type is none', async () => {
    const alice = await newcomer();
    for (const to of [
      '',
      '@example.org',
      'sip:',
      'a b@example.org',
      '<sip:bob@example.org>',
      'bob@example.org\r\nVia: x',
    ]) {
      expect([400, 422]).toContain((await alice.send(to, 'x')).status);
    }
    const contentType = 'text/plain\r\nVia: SIP/2.0/UDP evil';
    expect((await alice.send('bob@example.org', 'x', { contentType })).status).toBe(400);
  });

  it('when too many wait already', async () => {
    const [alice, bob] = [await newcomer(), await newcomer()];
    for (let n = 0; n < 5; n++) expect((await alice.send(bob.address, String(n))).status).toBe(202);
    expect(await alice.send(bob.address, 'one too many')).toMatchObject(problem('recipient-unavailable', 429));
  });

  it('after signing out, though the token lives; and nothing can be acknowledged', async () => {
    const [alice, bob] = [await newcomer(), await newcomer()];
    await alice.ask('DELETE /v1/sessions/current');
    expect(await alice.send(bob.address, 'x')).toMatchObject(problem('token-invalid', 401));
    expect((await alice.ack(1, 'web')).status).toBe(401);
  });
});

it('who acknowledges another account’s message does nothing to it', async () => {
  const [alice, bob, mallory] = [await newcomer(), await newcomer(), await newcomer()];
  await alice.send(bob.address, 'secret');
  const [{ id }] = (await bob.ask('GET /v1/messages')).body.messages;
  expect((await mallory.ack(id, 'web')).status).toBe(204);
  expect((await mallory.ask('GET /v1/messages')).body.messages).toEqual([]);
  expect((await bob.ask('GET /v1/messages')).body.messages).toHaveLength(1);
});

it('both HTTP clients of an account get a message', async () => {
  const [alice, bob] = [await newcomer(), await newcomer()];
  const [web, tablet] = [await bob.online('web'), await bob.online('tablet', other)];
  expect((await alice.send(bob.address, 'both')).status).toBe(202);
  for (const stream of [web, tablet]) await expect.poll(() => stream.messages()).toEqual(['both']);
});

it('pages of what waits follow each other', async () => {
  const [alice, bob] = [await newcomer(), await newcomer()];
  for (const body of ['one', 'two', 'three']) await alice.send(bob.address, body);
  const first = (await bob.ask('GET /v1/messages?limit=2')).body;
  expect(first.messages).toHaveLength(2);
  const second = (await bob.ask(`GET /v1/messages?limit=2&after=${first.next}`)).body;
  expect(second).toMatchObject({ messages: [{ body: 'three' }], next: null });
});

describe('server applications see messages of HTTP clients', () => {
  it('and the bot replies, to the client’s stream', async () => {
    const bots = await startFrontEndPool({ applications: ['keyword-bot'], applicationBudget: 10_000 });
    try {
      await bots.addAccount('bot');
      const account = await bots.addAccount('carol');
      const { accessToken: token } = await signIn(bots.frontEnd, account);
      await call(bots.frontEnd, 'PUT /v1/endpoints/web', { token, body: {} });
      const stream = await follow(bots.frontEnd, { token, instance: 'web' });
      const answer = await call(bots.frontEnd, 'POST /v1/messages', {
        token,
        body: { to: 'bot@example.org', body: 'ping' },
      });
      expect(answer).toMatchObject({ status: 200, body: { status: 'delivered' } });
      await expect.poll(() => messagesOf(stream)).toMatchObject([{ from: 'bot@example.org', body: 'pong' }]);
    } finally {
      await bots.stop();
    }
  });
});
