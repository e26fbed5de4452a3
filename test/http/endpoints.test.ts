import { randomUUID } from 'node:crypto';
import type { RunningFrontEnd } from '@rollcall/front-end';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call } from './http-client.ts';
import { newcomer } from './newcomer.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool({ maxEndpoints: 2 });
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

/** Somebody with an account and a session. */
async function httpUser() {
  const { account, token } = await newcomer(pool);
  const put = (instance: string, body: object = {}, frontEnd = pool.frontEnd) =>
    call(frontEnd, `PUT /v1/endpoints/${instance}`, { token, body });
  const ask = (methodAndPath: string, frontEnd = pool.frontEnd) => call(frontEnd, methodAndPath, { token });
  return { account, token, put, ask };
}

const UUID = 'urn:uuid:6F1B7C0e-5d0c-4b8a-9f0e-000000000001';

describe('an HTTP client', () => {
  it('registers, is listed, refreshes and leaves, through any front end', async () => {
    const { put, ask, account } = await httpUser();
    const made = await put('browser', { expires: 120, displayName: 'Firefox at home' });
    expect(made).toMatchObject({
      status: 201,
      body: { instance: 'browser', transport: 'HTTP', userAgent: 'Firefox at home' },
    });
    expect(made.body.uri).toBe(`sip:${account.user}@example.org;transport=http;instance=browser`);
    const left = (answer: typeof made) =>
      (Date.parse(answer.body.expiresAt) - Date.parse(answer.body.refreshedAt)) / 1000;
    expect(left(made)).toBe(120);

    const again = await put('browser', {}, other);
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id, registeredAt: made.body.registeredAt } });
    expect(left(again)).toBe(600);
    expect((await ask('GET /v1/endpoints/browser', other)).body).toEqual(again.body);

    expect((await ask('DELETE /v1/endpoints/browser', other)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      expect(await ask(`${method} /v1/endpoints/browser`)).toMatchObject({
        status: 404,
        body: { type: 'urn:rollcall:problem:endpoint-unknown' },
      });
    }
  });

  it('is told when its time is too brief, and gets no more than the most', async () => {
    const { put } = await httpUser();
    expect(await put('x', { expires: 59 })).toMatchObject({
      status: 422,
      body: { type: 'urn:rollcall:problem:expiry-too-brief', minExpires: 60 },
    });
    const { body } = await put('x', { expires: 100_000 });
    expect(Date.parse(body.expiresAt) - Date.parse(body.refreshedAt)).toBe(3_600_000);
  });

  it('has an instance that is a UUID, however it is spelt, or a name', async () => {
    const { put, ask } = await httpUser();
    await put(UUID);
    expect((await put(UUID.toLowerCase())).status).toBe(200);
    const { body } = await ask('GET /v1/endpoints');
    expect(body.endpoints).toMatchObject([{ instance: UUID.toLowerCase() }]);
    for (const wrong of ['urn:uuid:1', '.hidden', 'a%20b', 'a%00b', '%3Cx%3E', 'x'.repeat(65)]) {
      expect((await put(wrong)).status, wrong).toBe(400);
    }
  });

  it('is an endpoint like any other: SIP phones see it, it counts, and the oldest leaves', async () => {
    const { put, ask, account } = await httpUser();
    await put('browser');
    const phone = await pool.client({ account });
    const answer = await phone.register({ contacts: [phone.contact()] });
    expect(answer.contacts.map(({ uri }) => uri)).toContain(
      `sip:${account.user}@example.org;transport=http;instance=browser`,
    );
    const listed = await ask('GET /v1/endpoints');
    const transports = listed.body.endpoints.map(({ transport }: { transport: string }) => transport);
    expect(transports).toEqual(['HTTP', 'UDP']);
    await put('tablet');
    expect((await ask('GET /v1/endpoints/browser')).status).toBe(404);
    expect((await ask('GET /v1/endpoints')).body.endpoints).toHaveLength(2);
  });

  it('sees and removes nobody else’s endpoints, and no SIP phone by its instance', async () => {
    const [alice, bob] = [await httpUser(), await httpUser()];
    await alice.put('browser');
    expect((await bob.ask('GET /v1/endpoints')).body).toEqual({ endpoints: [] });
    expect((await bob.ask('DELETE /v1/endpoints/browser')).status).toBe(404);
    expect((await alice.ask('GET /v1/endpoints/browser')).status).toBe(200);

    const instance = `urn:uuid:${randomUUID()}`;
    const phone = await pool.client({ account: bob.account });
    await phone.register({ contacts: [`${phone.contact()};+sip.instance="<${instance}>"`] });
    expect((await bob.ask(`DELETE /v1/endpoints/${instance}`)).status).toBe(404);
    expect((await bob.ask('GET /v1/endpoints')).body.endpoints).toHaveLength(1);
  });
});

describe('writes are refused at once, on every front end, with a token that was good', () => {
  it.each([
    ['after signing out', ({ ask }: Awaited<ReturnType<typeof httpUser>>) => ask('DELETE /v1/sessions/current')],
    ['after the password changed', ({ account }) => pool.setPassword(account, 'another')],
    [
      'after the account was disabled',
      ({ account }) => pool.backEnd.setAccountEnabled({ user: account.user, domain: 'example.org', enabled: false }),
    ],
    ['after the account was removed', ({ account }) => pool.backEnd.removeAccount(account)],
  ] as [string, (who: Awaited<ReturnType<typeof httpUser>>) => Promise<unknown>][])('%s', async (_, change) => {
    const who = await httpUser();
    expect((await who.put('browser')).status).toBe(201);
    await change(who);
    for (const frontEnd of [pool.frontEnd, other]) {
      expect(await who.put('browser', {}, frontEnd)).toMatchObject({
        status: 401,
        body: { type: 'urn:rollcall:problem:token-invalid' },
      });
      expect((await who.ask('DELETE /v1/endpoints/browser', frontEnd)).status).toBe(401);
    }
  });
});

it('many PUTs at once of one account all have their effect', async () => {
  const { put, ask } = await httpUser();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => put(`tab-${n % 2}`)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(18).fill(200), 201, 201]);
  expect((await ask('GET /v1/endpoints')).body.endpoints).toHaveLength(2);
});

it('a request under way has its answer before the front end stops', async () => {
  const leaving = await pool.addFrontEnd();
  const { account, put } = await httpUser();
  const held = await pool.hold(account);
  const waiting = put('browser', {}, leaving);
  await held.awaited();
  const stopped = leaving.stop();
  await held.release();
  expect((await waiting).status).toBe(201);
  await stopped;
});
