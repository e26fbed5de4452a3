import type { RunningFrontEnd } from '@rollcall/front-end';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { follow } from './event-client.ts';
import { newcomer } from './newcomer.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool({ maxEndpoints: 2, minExpires: 1 });
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

/** Other front ends learn of it when they look, every five seconds, as long as there is no bus. */
const POLLED = { timeout: 8000 };

async function httpUser() {
  const { account, token, ask } = await newcomer(pool);
  const put = (instance: string, body: object = {}, frontEnd = pool.frontEnd) =>
    ask(`PUT /v1/endpoints/${instance}`, body, frontEnd);
  const events = (instance: string, lastEventId?: string, frontEnd = pool.frontEnd) =>
    follow(frontEnd, { token, instance, ...(lastEventId !== undefined && { lastEventId }) });
  return { account, address: { user: account.user, domain: 'example.org' }, token, ask, put, events };
}

describe('an endpoint hears on its stream', () => {
  it('that it is registered, and that it was removed', async () => {
    const { put, ask, events } = await httpUser();
    await put('web');
    const stream = await events('web');
    expect(stream).toMatchObject({ status: 200, contentType: 'text/event-stream' });
    await expect.poll(() => stream.events()).toEqual(['registered']);
    await ask('DELETE /v1/endpoints/web');
    await expect.poll(() => stream.events()).toEqual(['registered', 'removed deleted']);
    expect(stream.received()[1]!.data).toEqual({
      instance: 'web',
      reason: 'deleted',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    await put('web');
    await expect.poll(() => stream.events()).toHaveLength(3);
  });

  it('that newer devices took its place', async () => {
    const { put, events } = await httpUser();
    await put('web');
    const stream = await events('web');
    for (const instance of ['tablet', 'watch']) await put(instance);
    await expect.poll(() => stream.events()).toEqual(['registered', 'removed quota']);
  });

  it('that a SIP phone took its place, through another front end', async () => {
    const { put, events, account } = await httpUser();
    await put('web');
    const stream = await events('web');
    const phone = await pool.client({ account, frontEnd: other });
    await phone.register({ contacts: [phone.contact(), `<sip:second@192.0.2.1>`] });
    await expect.poll(() => stream.events(), POLLED).toEqual(['registered', 'removed quota']);
  });

  it('that its time has passed', async () => {
    const { put, events } = await httpUser();
    await put('web', { expires: 1 });
    const stream = await events('web');
    await expect.poll(() => stream.events(), { timeout: 10_000 }).toEqual(['registered', 'removed expired']);
  });

  it.each([
    [
      'disabled',
      (who: Awaited<ReturnType<typeof httpUser>>) => pool.backEnd.setAccountEnabled({ ...who.address, enabled: false }),
    ],
    ['deleted', (who: Awaited<ReturnType<typeof httpUser>>) => pool.backEnd.removeAccount(who.address)],
  ])('that its account was %s, and then the stream ends', async (reason, change) => {
    const who = await httpUser();
    await who.put('web');
    const stream = await who.events('web', undefined, other);
    await change(who);
    await expect.poll(() => stream.ended(), POLLED).toBe(true);
    expect(stream.events()).toEqual(['registered', `removed ${reason}`]);
  });

  it('nothing more after signing out', async () => {
    const { put, ask, events } = await httpUser();
    await put('web');
    const stream = await events('web');
    await ask('DELETE /v1/sessions/current');
    await expect.poll(() => stream.ended(), POLLED).toBe(true);
  });
});

describe('a stream that broke', () => {
  it('goes on where it was, through another front end, without loss or repetition', async () => {
    const { put, ask, events } = await httpUser();
    await put('web');
    const first = await events('web');
    await expect.poll(() => first.events()).toEqual(['registered']);
    first.close();
    await ask('DELETE /v1/endpoints/web');
    await put('web');
    const second = await events('web', first.received()[0]!.id, other);
    await expect.poll(() => second.events()).toEqual(['removed deleted', 'registered']);
    const ids = [...first.received(), ...second.received()].map(({ id }) => Number(id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  it('hears why the account is gone, and after that nothing', async () => {
    const who = await httpUser();
    await who.put('web');
    const first = await who.events('web');
    await expect.poll(() => first.events()).toHaveLength(1);
    first.close();
    await pool.backEnd.removeAccount(who.address);
    const second = await who.events('web', first.received()[0]!.id);
    await expect.poll(() => second.ended()).toBe(true);
    expect(second.events()).toEqual(['removed deleted']);
    expect((await who.events('web', second.received()[0]!.id)).status).toBe(401);
  });
});

describe('a stream is refused', () => {
  it('for an endpoint that is not registered, a wrong Last-Event-ID, or a bad token', async () => {
    const { put, events } = await httpUser();
    await put('web');
    expect((await events('phone')).status).toBe(404);
    expect((await events('web', 'x')).status).toBe(400);
    expect((await follow(pool.frontEnd, { token: 'x', instance: 'web' })).status).toBe(401);
  });

  it('beyond sixteen of an account, until one closes', async () => {
    const { put, events } = await httpUser();
    await put('web');
    const open = await Promise.all(Array.from({ length: 16 }, () => events('web')));
    expect(open.map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect((await events('web')).status).toBe(429);
    open[0]!.close();
    await expect.poll(async () => (await events('web')).status).toBe(200);
  });
});

it('streams close when their clients do, and when the front end stops', async () => {
  const leaving = await pool.addFrontEnd();
  const { put, events } = await httpUser();
  await put('web');
  const open = () => pool.metric('rollcall_event_streams');
  const before = await open();
  const stream = await events('web');
  expect(await open()).toBe(before + 1);
  stream.close();
  await expect.poll(open).toBe(before);
  const last = await events('web', undefined, leaving);
  await leaving.stop();
  await expect.poll(() => last.ended()).toBe(true);
});
