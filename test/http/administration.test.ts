import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gone, lockOf, person, run } from '../../db/tests/directory/directory-fixture.ts';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { follow } from './event-client.ts';
import { call, signIn } from './http-client.ts';

let pool: FrontEndPool;
let token: string;
beforeAll(async () => {
  pool = await startFrontEndPool();
  token = (await signIn(pool.frontEnd, await pool.addAccount('root', 'secret', 'admin'))).accessToken;
});
afterAll(() => pool.stop());

const ask = (methodAndPath: string, body?: object, who = token) =>
  call(pool.frontEnd, methodAndPath, { token: who, ...(body && { body }) });

describe('an administrator', () => {
  it('adds an account that can sign in over HTTP and SIP, and sees it', async () => {
    const added = await ask('POST /v1/accounts', { address: 'sip:carol@example.org', password: 'pw' });
    expect(added).toMatchObject({
      status: 201,
      body: { address: 'carol@example.org', role: 'user', enabled: true, endpoints: 0 },
    });
    const carol = { user: 'carol', domain: 'example.org', password: 'pw' };
    await signIn(pool.frontEnd, carol);
    const phone = await pool.client({ account: carol });
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
    expect((await ask(`GET ${added.headers.get('location')}`)).body).toEqual({ ...added.body, endpoints: 1 });
    const { body } = await ask('GET /v1/accounts/carol@example.org/endpoints');
    expect(body.endpoints).toMatchObject([{ transport: 'UDP', instance: null }]);
  });

  it('is told what stands in the way', async () => {
    const post = (address: string) => ask('POST /v1/accounts', { address, password: 'pw' });
    await post('dan@example.org');
    expect(await post('dan@example.org')).toMatchObject({
      status: 409,
      body: { type: 'urn:rollcall:problem:account-exists' },
    });
    expect(await post('dan@else.where')).toMatchObject({
      status: 422,
      body: { type: 'urn:rollcall:problem:domain-unknown' },
    });
    expect(await post('nobody')).toMatchObject({ status: 422 });
    for (const request of ['GET', 'PATCH', 'DELETE']) {
      const answer = await ask(
        `${request} /v1/accounts/nobody@example.org`,
        request === 'PATCH' ? { enabled: true } : undefined,
      );
      expect(answer).toMatchObject({ status: 404, body: { type: 'urn:rollcall:problem:account-unknown' } });
    }
    expect((await ask('GET /v1/accounts/nobody@example.org/endpoints')).status).toBe(404);
  });

  it('does not undo what the directory has decided of an account', async () => {
    const { backEnd } = pool;
    const lock = await lockOf(backEnd);
    await run(lock, [person(1, 'drew', { enabled: false })]);
    expect(await ask('PATCH /v1/accounts/drew@example.org', { enabled: true, password: 'pw' })).toMatchObject({
      status: 409,
      body: { type: 'urn:rollcall:problem:disabled-by-directory' },
    });
    expect((await backEnd.findCredentials({ user: 'drew', domain: 'example.org' }))?.ha1).toBeUndefined();
    expect(await ask('DELETE /v1/accounts/drew@example.org')).toMatchObject({
      status: 409,
      body: { type: 'urn:rollcall:problem:follows-directory' },
    });
    await run(lock, [gone(1)]);
    expect((await ask('DELETE /v1/accounts/drew@example.org')).status).toBe(204);
    await lock.release();
  });

  it('pages through the accounts', async () => {
    for (let count = 0; count < 3; count++) await pool.addAccount(`page-${count}`);
    const seen: string[] = [];
    for (let after = '0'; after !== null; ) {
      const { body } = await ask(`GET /v1/accounts?limit=2&after=${after}`);
      expect(body.accounts.length).toBeLessThanOrEqual(2);
      seen.push(...body.accounts.map(({ address }: { address: string }) => address));
      after = body.next;
    }
    expect(seen).toEqual(expect.arrayContaining(['root@example.org', 'page-0@example.org', 'page-2@example.org']));
    expect(new Set(seen).size).toBe(seen.length);
    expect((await ask('GET /v1/accounts?limit=1001')).status).toBe(400);
  });

  it('disables, enables, and gives another password: sessions, endpoints and connections go within a second', async () => {
    const other = await pool.addFrontEnd();
    const erin = await pool.addAccount('erin');
    const session = await signIn(other, erin);
    await call(other, 'PUT /v1/endpoints/web', { token: session.accessToken, body: {} });
    const stream = await follow(other, { token: session.accessToken, instance: 'web' });
    const phone = await pool.client({ account: erin, frontEnd: other, transport: 'TCP' });
    await phone.register({ contacts: [phone.contact()] });

    const disabled = await ask('PATCH /v1/accounts/erin@example.org', { enabled: false });
    expect(disabled).toMatchObject({ status: 200, body: { enabled: false, endpoints: 0 } });
    await expect.poll(() => stream.ended()).toBe(true);
    expect(stream.events()).toEqual(['registered', 'removed disabled']);
    await expect(signIn(other, erin)).rejects.toThrow('401');
    await expect.poll(() => pool.log()).toContain('"closed":true');

    await ask('PATCH /v1/accounts/erin@example.org', { enabled: true, password: 'new' });
    await expect(signIn(other, erin)).rejects.toThrow('401');
    await signIn(other, { ...erin, password: 'new' });
    expect(
      (await call(other, 'POST /v1/sessions/refresh', { body: { refreshToken: session.refreshToken } })).status,
    ).toBe(401);
  });

  it('removes an account with all that belongs to it', async () => {
    const frank = await pool.addAccount('frank@home');
    expect((await ask('DELETE /v1/accounts/frank%2540home@example.org')).status).toBe(204);
    await expect(signIn(pool.frontEnd, { ...frank, user: 'frank%40home' })).rejects.toThrow('401');
  });

  it('sees the front ends', async () => {
    const { body } = await ask('GET /v1/front-ends');
    expect(body.frontEnds[0]).toMatchObject({ pid: process.pid, addresses: pool.frontEnd.addresses });
  });
});

it('nobody else may do any of it, nor an administrator who has signed out', async () => {
  const requests: [string, object?][] = [
    ['GET /v1/accounts'],
    ['POST /v1/accounts', { address: 'x@example.org', password: 'x' }],
    ['GET /v1/accounts/root@example.org'],
    ['PATCH /v1/accounts/root@example.org', { enabled: false }],
    ['DELETE /v1/accounts/root@example.org'],
    ['GET /v1/accounts/root@example.org/endpoints'],
    ['GET /v1/front-ends'],
  ];
  const { accessToken: user } = await signIn(pool.frontEnd, await pool.addAccount('mallory'));
  for (const [request, body] of requests) {
    expect(await ask(request, body, user)).toMatchObject({
      status: 403,
      body: { type: 'urn:rollcall:problem:not-permitted' },
    });
    expect((await call(pool.frontEnd, request, { body })).status).toBe(401);
  }
  const second = await signIn(pool.frontEnd, { user: 'root', domain: 'example.org', password: 'secret' });
  await ask('DELETE /v1/sessions/current', undefined, second.accessToken);
  for (const [request, body] of requests.filter(([request]) => !request.startsWith('GET'))) {
    expect((await ask(request, body, second.accessToken)).status).toBe(403);
  }
  expect((await ask('GET /v1/accounts/root@example.org')).body.enabled).toBe(true);
});
