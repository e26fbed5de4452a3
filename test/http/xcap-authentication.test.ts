import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RunningFrontEnd } from '@rollcall/front-end';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, signIn } from './http-client.ts';
import { XcapClient, xcapUser } from './xcap-client.ts';
import { EMPTY_LIST } from './xcap-documents.ts';

const run = promisify(execFile);

let pool: FrontEndPool;
let other: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool();
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

describe('an XCAP client', () => {
  it('comes with the Digest of its SIP password, and goes on with the nonce at any front end', async () => {
    const { client } = await xcapUser(pool);
    expect((await client.putLists(EMPTY_LIST)).status).toBe(201);
    expect((await client.get()).status).toBe(200);
    expect(client.challenges).toBe(1);
    const path = client.path();
    const elsewhere = await fetch(`http://${other.addresses.http}${path}`, {
      headers: { authorization: client.authorization('GET', path) },
    });
    expect(elsewhere.status).toBe(200);
  });

  it('may be curl', async () => {
    const { account, client } = await xcapUser(pool);
    await client.putLists(EMPTY_LIST);
    const url = `http://${pool.frontEnd.addresses.http}${client.path()}`;
    const { stdout } = await run('curl', ['-s', '--digest', '-u', `${account.user}:${account.password}`, url]);
    expect(stdout).toContain('friends');
  });

  it('may have an access token instead', async () => {
    const { account, client } = await xcapUser(pool);
    const { accessToken: token } = await signIn(pool.frontEnd, account);
    const headers = { 'content-type': 'application/resource-lists+xml', authorization: `Bearer ${token}` };
    const url = `http://${pool.frontEnd.addresses.http}${client.path()}`;
    expect((await fetch(url, { method: 'PUT', headers, body: EMPTY_LIST })).status).toBe(201);
    expect((await call(pool.frontEnd, `GET ${client.path()}`, { token })).body).toContain('friends');
    await call(pool.frontEnd, 'DELETE /v1/sessions/current', { token });
    expect((await fetch(url, { method: 'PUT', headers, body: EMPTY_LIST })).status).toBe(401);
  });
});

describe('nobody else gets in', () => {
  it('with a wrong password, or that of somebody else', async () => {
    const [{ account, client }, stranger] = [await xcapUser(pool), await xcapUser(pool)];
    await client.putLists(EMPTY_LIST);
    const guessing = new XcapClient({ ...account, password: 'guessed' }, pool.frontEnd);
    expect((await guessing.get()).status).toBe(401);
    expect(await stranger.client.send('GET', client.path())).toMatchObject({ status: 403 });
    expect(await stranger.client.send('PUT', client.path(), { body: EMPTY_LIST })).toMatchObject({ status: 403 });
    expect(await stranger.client.send('GET', client.path().replace(account.user, 'nobody'))).toMatchObject({
      status: 403,
    });
  });

  it('after the password has changed', async () => {
    const { account, client } = await xcapUser(pool);
    await client.putLists(EMPTY_LIST);
    const changed = await pool.setPassword(account, 'another');
    expect((await client.get()).status).toBe(401);
    expect((await new XcapClient(changed, pool.frontEnd).get()).status).toBe(200);
  });

  it('with what another request was sent with', async () => {
    const { client } = await xcapUser(pool);
    await client.putLists(EMPTY_LIST);
    const path = client.path();
    const url = `http://${pool.frontEnd.addresses.http}`;
    const authorization = client.authorization('GET', path);
    expect((await fetch(url + path, { headers: { authorization } })).status).toBe(200);
    const again = await fetch(url + path, { headers: { authorization } });
    expect(again.status).toBe(401);
    expect(again.headers.get('www-authenticate')).toContain('stale=TRUE');
    const rules = client.path('pres-rules');
    expect((await fetch(url + rules, { headers: { authorization: client.authorization('GET', path) } })).status).toBe(
      400,
    );
    const deleting = { method: 'DELETE', headers: { authorization: client.authorization('GET', path) } };
    expect((await fetch(url + path, deleting)).status).toBe(401);
  });

  it('and guessing is slowed, as over SIP', async () => {
    const { account } = await xcapUser(pool);
    const guessing = new XcapClient({ ...account, password: 'guessed' }, pool.frontEnd);
    await expect.poll(async () => (await guessing.get()).status, { interval: 1 }).toBe(429);
    expect((await guessing.get()).headers.get('retry-after')).toMatch(/^\d+$/);
  });

  it('and nothing that is sent along is read before', async () => {
    const url = `http://${pool.frontEnd.addresses.http}/xcap-root/resource-lists/users/sip:user-1@example.org/index`;
    const answer = await fetch(url, { method: 'PUT', body: Buffer.alloc(4_000_000, 'x') }).catch(() => undefined);
    expect([401, undefined]).toContain(answer?.status);
  });
});
