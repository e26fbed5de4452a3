import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SipClient, startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import type { Client } from 'ldapts';
import { Registerer, UserAgent } from 'sip.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBaresip } from '../clients/baresip.ts';
import { call } from '../http/http-client.ts';
import { replaceAttribute } from './entries.ts';
import { DOMAIN } from './pool-database.ts';
import { type SigningIn, startSigningIn } from './signing-in.ts';

let directory: TestDirectory;
let admin: Client;
let bed: SigningIn;
let folder: string;
beforeAll(async () => {
  directory = await startOpenLdap({ users: 30 });
  admin = await directory.connect();
  folder = await mkdtemp(join(tmpdir(), 'rollcall-sign-in-'));
  bed = await startSigningIn(directory, { minExpires: 2 });
}, 60_000);
afterAll(async () => {
  await bed?.stop();
  await directory?.stop();
  await rm(folder, { recursive: true, force: true });
});

const modify = (user: string, type: string, ...values: string[]) =>
  replaceAttribute(admin, `uid=${user},${directory.users}`, type, ...values);

describe('somebody of the directory', () => {
  it('signs in on a web page with the directory’s password: HTTP and SIP over WebSocket take the token', async () => {
    const user = bed.somebody();
    const { status, body } = await bed.signIn(user, directory.password);
    expect([status, body.user, body.role]).toEqual([201, `${user}@${DOMAIN}`, 'user']);
    const contacts = await call(bed.pool.frontEnd, 'GET /v1/contacts', { token: body.accessToken });
    expect(contacts.status).toBe(200);

    const page = new UserAgent({
      uri: UserAgent.makeURI(`sip:${user}@${DOMAIN}`)!,
      transportOptions: { server: `ws://${bed.pool.frontEnd.addresses.ws}/sip` },
      logBuiltinEnabled: false,
    });
    await page.start();
    const registerer = new Registerer(page, { extraHeaders: [`Authorization: Bearer ${body.accessToken}`] });
    const registered = new Promise<number | undefined>((resolve) => {
      const done = ({ message }: { message: { statusCode?: number | undefined } }) => resolve(message.statusCode);
      void registerer.register({ requestDelegate: { onAccept: done, onReject: done } });
    });
    expect(await registered).toBe(200);
    expect(await bed.pool.backEnd.listEndpoints({ user, domain: DOMAIN })).toMatchObject([{ transport: 'WS' }]);
    await page.stop();
  });

  it('cannot register by Digest with that password', async () => {
    const account = { user: bed.somebody(), domain: DOMAIN, password: directory.password };
    const phone = await SipClient.open(account, { to: bed.pool.frontEnd.addresses.udp });
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(401);
    await phone.close();
  });

  it('gives baresip an app password; taken back, its connection ends and it is refused', async () => {
    const user = bed.somebody();
    const token = (await bed.signIn(user, directory.password)).body.accessToken as string;
    const made = await call(bed.pool.frontEnd, 'POST /v1/app-passwords', { token, body: { name: 'baresip' } });
    const login = `auth_user=${made.body.user};auth_pass=${made.body.password}`;
    const server = bed.pool.frontEnd.addresses.tcp;
    const account = `<sip:${user}@${DOMAIN}>;outbound="sip:${server};transport=tcp";${login};regint=3`;
    const phone = await startBaresip({ folder, account });
    try {
      await phone.says(/200 OK \(Rollcall\) \[1 binding\]/);
      const removed = await call(bed.pool.frontEnd, `DELETE /v1/app-passwords/${made.body.id}`, { token });
      expect(removed.status).toBe(204);
      await phone.says(/reg: .*(401 Unauthorized|503 Too Many Failed Attempts)/, 30);
    } finally {
      await phone.kill();
    }
  });
});

describe('a new password in the directory', () => {
  it('signs in at once, and the old one does not', async () => {
    const user = bed.somebody();
    await modify(user, 'userPassword', 'another');
    expect((await bed.signIn(user, directory.password)).status).toBe(401);
    expect((await bed.signIn(user, 'another')).status).toBe(201);
  });
});

it('no password is in the log, and none is kept', async () => {
  expect(bed.pool.log()).not.toContain(directory.password);
  const found = await bed.pool.backEnd.findCredentials({ user: 'u00001', domain: DOMAIN });
  expect(found).toMatchObject({ enabled: true, appPasswords: [] });
  expect(found?.ha1).toBeUndefined();
});
