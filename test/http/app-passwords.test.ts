import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipAccount } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, type Session } from './http-client.ts';
import { newcomer } from './newcomer.ts';
import { XcapClient } from './xcap-client.ts';
import { EMPTY_LIST } from './xcap-documents.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool();
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

const make = (token: string, name = 'Desk phone') =>
  call(pool.frontEnd, 'POST /v1/app-passwords', { token, body: { name } });
const list = async (token: string) =>
  (await call(pool.frontEnd, 'GET /v1/app-passwords', { token })).body.appPasswords as { id: number; name: string }[];
const remove = (token: string, id: number, frontEnd = pool.frontEnd) =>
  call(frontEnd, `DELETE /v1/app-passwords/${id}`, { token });

/** A phone with that password. */
const phoneOf = (account: SipAccount, password: string, frontEnd = other, transport: 'UDP' | 'TCP' = 'TCP') =>
  pool.client({ account: { ...account, password }, frontEnd, transport });

async function made() {
  const one = await newcomer(pool);
  const { id, password } = (await make(one.token)).body as { id: number; password: string };
  return { ...one, id, appPassword: password };
}

describe('an app password', () => {
  it('is shown once, with the user name and the realm that a device needs, and is listed by its name', async () => {
    const { account, token } = await newcomer(pool);
    const answer = await make(token);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { id, password, ...rest } = answer.body;
    expect(rest).toEqual({ name: 'Desk phone', user: account.user, domain: 'example.org' });
    expect(password.replaceAll('-', '').length).toBeGreaterThanOrEqual(26);
    expect(answer.headers.get('location')).toBe(`/v1/app-passwords/${id}`);
    expect(await list(token)).toEqual([{ id, name: 'Desk phone', createdAt: expect.stringMatching(/^20/) }]);
    expect(pool.log()).not.toContain(password);
  });

  it.each([['UDP'], ['TCP']] as const)('registers a phone over %s and sends its messages', async (transport) => {
    const { account, appPassword } = await made();
    const phone = await phoneOf(account, appPassword, other, transport);
    phone.contactParameters = transport === 'TCP' ? ';transport=tcp' : '';
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
    // It was let in, so it is told about whom it calls.
    expect((await phone.message('sip:nobody@example.org', 'Lunch?')).status).toBe(404);
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
  });

  it('leaves the password right, and each device its own', async () => {
    const { account, token } = await newcomer(pool);
    const passwords = [account.password];
    for (const name of ['Desk phone', 'Mobile', 'Tablet']) passwords.push((await make(token, name)).body.password);
    for (const password of [...passwords, ...passwords]) {
      const phone = await phoneOf(account, password, pool.frontEnd, 'UDP');
      expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
      expect((await phone.send({ method: 'OPTIONS', uri: 'sip:nobody@example.org' })).status).not.toBe(407);
    }
    const wrong = await phoneOf(account, `${passwords[1]}x`);
    expect((await wrong.register({ contacts: [wrong.contact()] })).status).toBe(401);
  });

  it('opens no session: it is for Digest alone', async () => {
    const { account, appPassword } = await made();
    const body = { user: `${account.user}@example.org`, password: appPassword };
    expect(await call(pool.frontEnd, 'POST /v1/sessions', { body })).toMatchObject({
      status: 401,
      body: { type: 'urn:rollcall:problem:credentials-wrong' },
    });
  });
});

describe('an app password that is taken back', () => {
  it('ends the connections that it opened, at any front end within a second, and is refused', async () => {
    const { account, token, id, appPassword } = await made();
    const phone = await phoneOf(account, appPassword);
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
    expect((await remove(token, id)).status).toBe(204);
    const late = new Promise((resolve) => setTimeout(resolve, 2000, 'late').unref());
    expect(await Promise.race([phone.connection.ended, late])).toBeUndefined();
    const again = await phoneOf(account, appPassword);
    expect((await again.register({ contacts: [again.contact()] })).status).toBe(401);
    const own = await phoneOf(account, account.password);
    expect((await own.register({ contacts: [own.contact()] })).status).toBe(200);
  });

  it('leaves whoever is signed in so: with the next token, which a refresh gives', async () => {
    const { token, refreshToken, id } = await made();
    await remove(token, id);
    expect((await make(token)).status).toBe(401);
    const refreshed = await call(pool.frontEnd, 'POST /v1/sessions/refresh', { body: { refreshToken } });
    const { accessToken: next } = refreshed.body as Session;
    expect((await remove(next, id)).status).toBe(404);
    expect((await make(next)).status).toBe(201);
  });
});

describe('app passwords are refused', () => {
  it('without a token, and after signing out', async () => {
    const { token } = await newcomer(pool);
    expect((await call(pool.frontEnd, 'POST /v1/app-passwords', { body: { name: 'x' } })).status).toBe(401);
    await call(pool.frontEnd, 'DELETE /v1/sessions/current', { token });
    expect((await make(token)).status).toBe(401);
    expect((await remove(token, 1)).status).toBe(401);
  });

  it('beyond sixteen', async () => {
    const { token } = await newcomer(pool);
    for (let count = 0; count < 16; count++) expect((await make(token)).status).toBe(201);
    expect(await make(token)).toMatchObject({
      status: 409,
      body: { type: 'urn:rollcall:problem:too-many-app-passwords' },
    });
  });

  it('to others, and where they are malformed', async () => {
    const { id } = await made();
    const { token } = await newcomer(pool);
    expect((await remove(token, id)).status).toBe(404);
    expect((await remove(token, 0)).status).toBe(400);
    for (const name of ['', 'x'.repeat(65)]) expect((await make(token, name)).status).toBe(400);
    expect((await make(token, 'x\0')).status).toBe(400);
  });
});

it('an XCAP client may come with an app password, as Digest', async () => {
  const { account, appPassword } = await made();
  const xcap = new XcapClient({ ...account, password: appPassword }, pool.frontEnd);
  expect((await xcap.putLists(EMPTY_LIST)).status).toBe(201);
  const wrong = new XcapClient({ ...account, password: `${appPassword}x` }, pool.frontEnd);
  expect((await wrong.get()).status).toBe(401);
});
