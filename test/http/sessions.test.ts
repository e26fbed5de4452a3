import type { RunningFrontEnd } from '@rollcall/front-end';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, signIn } from './http-client.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool();
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

const PROBLEM = 'application/problem+json';
const post = (path: string, body: unknown, frontEnd = pool.frontEnd) => call(frontEnd, `POST ${path}`, { body });
const refresh = (refreshToken: string, frontEnd = pool.frontEnd) =>
  post('/v1/sessions/refresh', { refreshToken }, frontEnd);
const signOut = (token: string, frontEnd = pool.frontEnd) => call(frontEnd, 'DELETE /v1/sessions/current', { token });

describe('signing in', () => {
  it('gets tokens for the password', async () => {
    const alice = await pool.addAccount('alice');
    const answer = await post('/v1/sessions', { user: 'alice@example.org', password: alice.password });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        tokenType: 'Bearer',
        expiresIn: 300,
        refreshExpiresIn: 2_592_000,
        user: 'alice@example.org',
        role: 'user',
      },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('takes the address as SIP does: as a URI, and with the address of the server as its domain', async () => {
    const { user, password } = await pool.addAccount('søren@home');
    for (const address of ['sip:s%C3%B8ren%40home@example.org', 's%C3%B8ren%40home@127.0.0.1']) {
      expect(await post('/v1/sessions', { user: address, password }), user).toMatchObject({ status: 201 });
    }
  });

  it('gets the same answer for a wrong password, an unknown user, a disabled account and no address at all', async () => {
    const bob = await pool.addAccount('bob');
    const disabled = await pool.addAccount('disabled');
    await pool.backEnd.setAccountEnabled({ user: 'disabled', domain: 'example.org', enabled: false });
    const answers = [];
    for (const [user, password] of [
      ['bob@example.org', `${bob.password}!`],
      ['nobody@example.org', 'x'],
      ['bob@elsewhere.org', bob.password],
      ['disabled@example.org', disabled.password],
      ['not an address', 'x'],
    ]) {
      const { status, headers, body } = await post('/v1/sessions', { user, password });
      answers.push({ status, type: headers.get('content-type'), challenge: headers.get('www-authenticate'), body });
    }
    const body = { type: 'urn:rollcall:problem:credentials-wrong', title: 'Credentials wrong', status: 401 };
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify({ status: 401, type: PROBLEM, challenge: 'Bearer', body })]),
    );
  });

  it('is slowed after five wrong passwords, together with the tries over SIP', async () => {
    const carol = await pool.addAccount('carol');
    const wrong = await pool.client({ account: { ...carol, password: 'wrong' } });
    for (let tries = 0; tries < 3; tries++) await wrong.register();
    const body = { user: 'carol@example.org', password: 'wrong' };
    for (let tries = 0; tries < 2; tries++) expect((await post('/v1/sessions', body)).status).toBe(401);
    const slowed = await post('/v1/sessions', { ...body, password: carol.password });
    expect(slowed).toMatchObject({ status: 429, body: { type: 'urn:rollcall:problem:too-many-attempts' } });
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('takes the new password at once on every front end, and not the old one', async () => {
    const dave = await pool.addAccount('dave');
    for (const frontEnd of [pool.frontEnd, other]) await signIn(frontEnd, dave);
    const changed = await pool.setPassword(dave, 'another');
    for (const frontEnd of [pool.frontEnd, other]) {
      await expect(signIn(frontEnd, dave)).rejects.toThrow('401');
      await signIn(frontEnd, changed);
    }
    // The same password again after an interruption: what the front end remembers is of an earlier version.
    for (const enabled of [false, true]) {
      await pool.backEnd.setAccountEnabled({ user: 'dave', domain: 'example.org', enabled });
    }
    await signIn(pool.frontEnd, changed);
  });
});

describe('a refresh token', () => {
  it('gets the next tokens from any front end, once each', async () => {
    const first = await signIn(pool.frontEnd, await pool.addAccount('erin'));
    const second = await refresh(first.refreshToken, other);
    expect(second).toMatchObject({ status: 200, body: { user: 'erin@example.org', role: 'user' } });
    const third = await refresh(second.body.refreshToken);
    expect((await signOut(third.body.accessToken, other)).status).toBe(204);
  });

  it('that comes a second time closes its session', async () => {
    const first = await signIn(pool.frontEnd, await pool.addAccount('frank'));
    const second = await refresh(first.refreshToken);
    const stolen = await refresh(first.refreshToken);
    expect(stolen).toMatchObject({ status: 401, body: { type: 'urn:rollcall:problem:refresh-token-invalid' } });
    expect((await refresh(second.body.refreshToken)).status).toBe(401);
    expect((await signOut(second.body.accessToken)).status).toBe(401);
    expect(pool.log()).toContain('a refresh token was used twice');
    expect(pool.log()).not.toContain(first.refreshToken);
  });

  it('that is made up, or of a closed session, gets nothing', async () => {
    const { accessToken, refreshToken } = await signIn(pool.frontEnd, await pool.addAccount('grace'));
    const forged = `${refreshToken.slice(0, 40)}${'A'.repeat(56)}`;
    for (const token of ['x', 'A'.repeat(96), forged]) expect((await refresh(token)).status).toBe(401);
    expect((await signOut(accessToken)).status).toBe(204);
    expect((await refresh(refreshToken)).status).toBe(401);
  });
});

describe('an access token', () => {
  it('is refused when it is forged, altered, of another purpose, or missing; and that is counted', async () => {
    const { accessToken } = await signIn(pool.frontEnd, await pool.addAccount('heidi'));
    const [head, claims, signature] = accessToken.split('.') as [string, string, string];
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const forged = await new SignJWT(read)
      .setProtectedHeader(JSON.parse(Buffer.from(head, 'base64url').toString()))
      .sign(Buffer.alloc(32));
    const counted = () => pool.metric('rollcall_authentications_total{outcome="failed"}');
    const before = await counted();
    const bad = [
      forged,
      `${head}.${part({ ...read, role: 'admin' })}.${signature}`,
      `${part({ alg: 'none', kid: '0', typ: 'at+jwt' })}.${claims}.`,
      `${part({ alg: 'HS256', kid: '250', typ: 'at+jwt' })}.${claims}.${signature}`,
      'nonsense',
    ];
    for (const token of bad) {
      const answer = await signOut(token);
      expect(answer).toMatchObject({ status: 401, body: { type: 'urn:rollcall:problem:token-invalid' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
    expect((await counted()) - before).toBe(bad.length);
    const without = await call(pool.frontEnd, 'DELETE /v1/sessions/current');
    expect(without.headers.get('www-authenticate')).toBe('Bearer');
    expect((await signOut(accessToken)).status).toBe(204);
  });

  it('expires', async () => {
    const brief = await pool.addFrontEnd({ tokenLifetime: 1 });
    const { accessToken } = await signIn(brief, await pool.addAccount('ivan'));
    const status = async () => (await call(brief, 'GET /v1/endpoints', { token: accessToken })).status;
    expect(await status()).toBe(200);
    await expect.poll(status, { timeout: 5000 }).toBe(401);
  });

  it('is believed by every front end also when the key was replaced a moment ago', async () => {
    const key = await pool.backEnd.findKeys({ purpose: 'token', rotateAfter: 0 });
    expect(key.length).toBeGreaterThan(1);
    const later = await pool.addFrontEnd();
    const { accessToken } = await signIn(later, await pool.addAccount('judy'));
    expect((await signOut(accessToken, pool.frontEnd)).status).toBe(204);
  });
});

it('neither passwords nor tokens are in the log', async () => {
  const kim = await pool.addAccount('kim', 'kims-very-secret');
  const { accessToken, refreshToken } = await signIn(pool.frontEnd, kim);
  await signOut(accessToken);
  for (const secret of [kim.password, accessToken, refreshToken]) expect(pool.log()).not.toContain(secret);
});
