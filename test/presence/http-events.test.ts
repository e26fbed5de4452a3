import type { RunningFrontEnd } from '@rollcall/front-end';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type EventClient, follow } from '../http/event-client.ts';
import { call, signIn } from '../http/http-client.ts';
import { newcomer } from '../http/newcomer.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool();
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

/** Somebody who is signed in and registered as `web`. */
async function webUser() {
  const one = await newcomer(pool);
  await one.ask('PUT /v1/endpoints/web', {});
  return { ...one, says: (body: object) => one.ask('PUT /v1/presence', body) };
}

const adds = (owner: Awaited<ReturnType<typeof webUser>>, contact: { address: string }) =>
  owner.ask(`PUT /v1/contacts/${contact.address}`, {});

/** What the stream has last said of somebody, as `busy Lunch`. */
function latest(stream: EventClient, { address }: { address: string }): string | undefined {
  const last = stream.received().findLast(({ event, data }) => event === 'presence' && data.address === address);
  return last && [last.data.state, last.data.note].filter(Boolean).join(' ');
}

describe('an HTTP client that follows its contacts', () => {
  it('is told of all of them, and of each change, made at another front end', async () => {
    const [alice, bob, carol] = [await webUser(), await webUser(), await webUser()];
    await adds(alice, bob);
    await adds(alice, carol);
    await bob.says({ state: 'busy', note: 'Lunch' });
    const stream = await follow(other, { token: alice.token });
    expect(stream).toMatchObject({ status: 200, contentType: 'text/event-stream' });
    await expect.poll(() => [latest(stream, bob), latest(stream, carol)]).toEqual(['busy Lunch', 'available']);
    await bob.says({ state: 'away' });
    await expect.poll(() => latest(stream, bob)).toBe('away');
    await bob.ask('DELETE /v1/endpoints/web');
    await expect.poll(() => latest(stream, bob)).toBe('offline');
    expect(stream.received().filter(({ data }) => data.address === carol.address)).toHaveLength(1);
    stream.close();
  });

  it('is told of one that is added while it follows', async () => {
    const [alice, bob] = [await webUser(), await webUser()];
    const stream = await follow(pool.frontEnd, { token: alice.token });
    await adds(alice, bob);
    await expect.poll(() => latest(stream, bob)).toBe('available');
    stream.close();
  });

  it('is told offline of one who blocks it, at once', async () => {
    const [alice, bob] = [await webUser(), await webUser()];
    await adds(alice, bob);
    await bob.says({ state: 'busy', note: 'Lunch' });
    const stream = await follow(pool.frontEnd, { token: alice.token });
    await expect.poll(() => latest(stream, bob)).toBe('busy Lunch');
    await bob.ask('PUT /v1/access-rules', { rules: [{ subject: alice.address, level: 'blocked' }] });
    await expect.poll(() => latest(stream, bob)).toBe('offline');
    expect(stream.text()).not.toContain('blocked');
    stream.close();
  });

  it('is told how many messages wait for it, as they come and are taken', async () => {
    const [alice, bob] = [await webUser(), await webUser()];
    await alice.ask('DELETE /v1/endpoints/web');
    const stream = await follow(other, { token: alice.token });
    const waiting = () => stream.received().findLast(({ event }) => event === 'message-summary')?.data;
    await expect.poll(waiting).toEqual({ messages: 0 });
    const sent = await bob.ask('POST /v1/messages', { to: alice.address, body: 'Lunch?' });
    expect(sent.body.status).toBe('stored');
    await expect.poll(waiting).toEqual({ messages: 1 });
    await alice.ask('PUT /v1/endpoints/web', {});
    await alice.ask(`POST /v1/messages/${sent.body.messageId}/ack`, { instance: 'web' });
    await expect.poll(waiting).toEqual({ messages: 0 });
    stream.close();
  });

  it('is told who adds it to their contacts', async () => {
    const [alice, bob, carol] = [await webUser(), await webUser(), await webUser()];
    await adds(bob, alice);
    const stream = await follow(pool.frontEnd, { token: alice.token });
    const notices = () =>
      stream.received().flatMap(({ event, data }) => (event === 'contact-notice' ? [data.from] : []));
    await expect.poll(notices).toEqual([bob.address]);
    await adds(carol, alice);
    await expect.poll(notices).toEqual([bob.address, carol.address]);
    stream.close();
  });
});

describe('a stream of contacts', () => {
  it('leaves nothing behind when its client goes', async () => {
    const [alice, bob] = [await webUser(), await webUser()];
    await adds(alice, bob);
    const open = () => pool.metric('rollcall_event_streams');
    const before = await open();
    const stream = await follow(pool.frontEnd, { token: alice.token });
    await expect.poll(() => latest(stream, bob)).toBe('available');
    expect(await open()).toBe(before + 1);
    stream.close();
    await expect.poll(open).toBe(before);
    await expect.poll(() => pool.metric('rollcall_subscriptions')).toBe(0);
  });

  it('ends with the front end, and goes on at another', async () => {
    const [alice, bob] = [await webUser(), await webUser()];
    await adds(alice, bob);
    const leaving = await pool.addFrontEnd();
    const first = await follow(leaving, { token: alice.token });
    await expect.poll(() => latest(first, bob)).toBe('available');
    await leaving.stop();
    await expect.poll(() => first.ended()).toBe(true);
    await bob.says({ state: 'away' });
    const second = await follow(other, { token: alice.token });
    await expect.poll(() => latest(second, bob)).toBe('away');
    second.close();
  });

  it('ends when the account is disabled', async () => {
    const alice = await webUser();
    const stream = await follow(pool.frontEnd, { token: alice.token });
    await pool.addAccount('admin', 'secret', 'admin');
    const admin = await signIn(pool.frontEnd, { user: 'admin', domain: 'example.org', password: 'secret' });
    const path = `PATCH /v1/accounts/${alice.address}`;
    await call(pool.frontEnd, path, { token: admin.accessToken, body: { enabled: false } });
    await expect.poll(() => stream.ended()).toBe(true);
  });

  it('is refused without a session, and beyond sixteen of an account', async () => {
    const alice = await webUser();
    expect((await follow(pool.frontEnd, { token: 'x' })).status).toBe(401);
    const open = await Promise.all(Array.from({ length: 16 }, () => follow(pool.frontEnd, { token: alice.token })));
    expect(open.map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect((await follow(pool.frontEnd, { token: alice.token })).status).toBe(429);
    for (const stream of open) stream.close();
    await alice.ask('DELETE /v1/sessions/current');
    expect((await follow(pool.frontEnd, { token: alice.token })).status).toBe(401);
  });
});
