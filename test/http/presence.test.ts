import type { RunningFrontEnd } from '@rollcall/front-end';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call } from './http-client.ts';
import { newcomer } from './newcomer.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool();
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

/** Somebody who is signed in, and registered as `web` unless told otherwise. */
async function httpUser({ registered = true } = {}) {
  const { account, address, token } = await newcomer(pool);
  const put = (body: object, query = '', headers = {}) =>
    call(pool.frontEnd, `PUT /v1/presence${query}`, { token, body, headers });
  const ask = (methodAndPath: string, headers = {}, frontEnd = pool.frontEnd) =>
    call(frontEnd, methodAndPath, { token, headers });
  if (registered) await call(pool.frontEnd, 'PUT /v1/endpoints/web', { token, body: {} });
  return { account, address, token, put, ask, sees: async (of: string) => (await ask(`GET /v1/presence/${of}`)).body };
}

describe('what somebody says by hand', () => {
  it('is seen by colleagues, through any front end, until it is taken back', async () => {
    const [alice, bob] = [await httpUser(), await httpUser()];
    expect(await bob.sees(alice.address)).toMatchObject({ state: 'available', availability: 3000 });
    const said = await alice.put({ state: 'busy', activity: 'meeting', note: 'Until noon', calendar: 'Board' });
    expect(said).toMatchObject({
      status: 200,
      body: { address: alice.address, state: 'busy', note: 'Until noon', said: { state: 'busy', expiresAt: null } },
    });
    expect((await bob.ask(`GET /v1/presence/${alice.address}`, {}, other)).body).toMatchObject({
      ...{ address: alice.address, state: 'busy', availability: 6000, activity: 'meeting', note: 'Until noon' },
      // Of the company one sees no calendar.
      calendar: null,
    });
    expect((await alice.ask('DELETE /v1/presence')).status).toBe(204);
    expect(await bob.sees(alice.address)).toMatchObject({ state: 'available', note: null });
    expect((await alice.ask('GET /v1/presence')).body).toMatchObject({ state: 'available', said: null });
  });

  it('is offline when nobody is there, whatever was said', async () => {
    const [alice, bob] = [await httpUser({ registered: false }), await httpUser()];
    await alice.put({ state: 'available', note: 'On leave' });
    expect(await bob.sees(alice.address)).toMatchObject({ state: 'offline', note: 'On leave' });
  });

  it('ends when it was to', async () => {
    const alice = await httpUser();
    await alice.put({ state: 'away', expires: 1 });
    await expect.poll(async () => (await alice.ask('GET /v1/presence')).body.state).toBe('available');
  });

  it('shows those who are blocked nothing, nor that they are', async () => {
    const [alice, bob] = [await httpUser(), await httpUser()];
    const rules = [{ subject: bob.address, level: 'blocked' }];
    expect((await call(pool.frontEnd, 'PUT /v1/access-rules', { token: alice.token, body: { rules } })).status).toBe(
      200,
    );
    await alice.put({ state: 'busy', note: 'Until noon' });
    const away = await httpUser({ registered: false });
    const seen = await bob.sees(alice.address);
    expect(seen).toEqual({ ...(await bob.sees(away.address)), address: alice.address });
    expect(seen).toMatchObject({ state: 'offline', note: null });
  });
});

describe('what an endpoint publishes', () => {
  it('has an entity tag, is changed by it, and ends with the endpoint', async () => {
    const [alice, bob] = [await httpUser(), await httpUser()];
    const first = await alice.put({ idle: true, idleSince: '2026-11-22T10:00:00Z' }, '?instance=web');
    expect(first).toMatchObject({ status: 200, body: { state: 'idle' } });
    const ifMatch = { 'if-match': first.headers.get('etag')! };
    const second = await alice.put({ note: 'Back' }, '?instance=web', ifMatch);
    expect(second).toMatchObject({ status: 200, body: { state: 'available', note: 'Back' } });
    expect(await alice.put({ note: 'Late' }, '?instance=web', ifMatch)).toMatchObject({
      status: 412,
      body: { type: 'urn:rollcall:problem:publication-unknown' },
    });
    expect(await bob.sees(alice.address)).toMatchObject({ note: 'Back' });
    const latest = { 'if-match': second.headers.get('etag')! };
    expect((await alice.ask('DELETE /v1/presence?instance=web', latest)).status).toBe(204);
    expect((await alice.ask('DELETE /v1/presence?instance=web', latest)).status).toBe(412);
    expect((await alice.ask('DELETE /v1/presence?instance=web')).status).toBe(428);
    expect(await bob.sees(alice.address)).toMatchObject({ state: 'available', note: null });

    await alice.put({ state: 'busy' }, '?instance=web');
    await alice.ask('DELETE /v1/endpoints/web');
    expect(await bob.sees(alice.address)).toMatchObject({ state: 'offline' });
  });

  it('needs an endpoint, and time', async () => {
    const alice = await httpUser();
    expect((await alice.put({}, '?instance=nowhere')).status).toBe(404);
    expect(await alice.put({ expires: 10 }, '?instance=web')).toMatchObject({ status: 422, body: { minExpires: 60 } });
  });
});

describe('presence is refused', () => {
  it.each([
    ['another state', { state: 'dancing' }],
    ['what there is not', { mood: 'good' }],
    ['a note of 1,001 characters', { note: 'x'.repeat(1001) }],
    ['a control character', { note: 'a\u0001b' }],
    ['a zero character', { note: 'a\0b' }],
    ['half a character', { note: 'a\ud800b' }],
    ['a phone that is none', { phone: 'javascript:alert(1)' }],
    ['a time that is none', { idleSince: 'yesterday' }],
    ['no time', { state: 'busy', expires: 0 }],
  ])('with %s', async (_, body) => {
    const alice = await httpUser({ registered: false });
    expect(await alice.put(body)).toMatchObject({
      status: 400,
      body: { type: 'urn:rollcall:problem:invalid-request' },
    });
  });

  it('to nobody’s watchers, and of nobody', async () => {
    const alice = await httpUser({ registered: false });
    expect((await call(pool.frontEnd, `GET /v1/presence/${alice.address}`)).status).toBe(401);
    for (const nobody of ['nobody@example.org', 'x@elsewhere.net', 'nothing', 'a%00b@example.org']) {
      expect([400, 404]).toContain((await alice.ask(`GET /v1/presence/${nobody}`)).status);
    }
    await alice.ask('DELETE /v1/sessions/current');
    expect((await alice.put({ state: 'busy' })).status).toBe(401);
  });

  it('takes notes in every script', async () => {
    const alice = await httpUser();
    const note = 'Zurück um 14 Uhr · 会議中 · 🏖';
    expect((await alice.put({ note })).body.note).toBe(note);
  });
});
