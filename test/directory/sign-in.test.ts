import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SipClient, startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import { Attribute, Change, type Client } from 'ldapts';
import { Registerer, UserAgent } from 'sip.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBaresip } from '../clients/baresip.ts';
import { call } from '../http/http-client.ts';
import { DOMAIN, type SigningIn, startSigningIn } from './signing-in.ts';

let directory: TestDirectory;
let admin: Client;
let bed: SigningIn;
/** Takes connections and says nothing. */
let silent: Server;
let silentUrl: string;
let folder: string;
beforeAll(async () => {
  directory = await startOpenLdap({ users: 30 });
  admin = await directory.connect();
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  silentUrl = `ldap://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'rollcall-sign-in-'));
  bed = await startSigningIn(directory, { minExpires: 2 });
}, 60_000);
afterAll(async () => {
  await bed?.stop();
  silent?.close();
  await directory?.stop();
  await rm(folder, { recursive: true, force: true });
});

const md5 = ({ user, domain }: { user: string; domain: string }, password: string) => ({
  MD5: createHash('md5').update(`${user}:${domain}:${password}`).digest('hex'),
});

let users = 0;
/** Somebody of the directory whom no other test knows. */
const somebody = () => `u${String(++users).padStart(5, '0')}`;
const modify = (user: string, operation: 'replace' | 'add', type: string, ...values: string[]) =>
  admin.modify(
    `uid=${user},${directory.users}`,
    new Change({ operation, modification: new Attribute({ type, values }) }),
  );
const binds = (result: string) => bed.pool.metric(`rollcall_directory_binds_total{result="${result}"}`);

describe('somebody of the directory', () => {
  it('signs in on a web page with the directory’s password: HTTP and SIP over WebSocket take the token', async () => {
    const user = somebody();
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
    const account = { user: somebody(), domain: DOMAIN, password: directory.password };
    const phone = await SipClient.open(account, { to: bed.pool.frontEnd.addresses.udp });
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(401);
    await phone.close();
  });

  it('gives baresip an app password; taken back, its connection ends and it is refused', async () => {
    const user = somebody();
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

describe('nobody is let in', () => {
  it('with a wrong password, an empty one, disabled here, or unknown: one answer, and the directory is asked each time', async () => {
    const [user, disabled] = [somebody(), somebody()];
    await bed.pool.backEnd.setAccountEnabled({ user: disabled, domain: DOMAIN, enabled: false });
    await bed.pool.backEnd.addAccount({ user: 'by-hand', domain: DOMAIN, ha1: { MD5: '00'.repeat(16) } });
    const before = await binds('wrong');
    const answers = [];
    for (const [name, password] of [
      [user, 'guessed'],
      [user, ''],
      [disabled, directory.password],
      ['nobody', directory.password],
      ['by-hand', directory.password],
    ] as const) {
      const { status, body } = await bed.signIn(name, password);
      answers.push(JSON.stringify({ status, body }));
    }
    const body = { type: 'urn:rollcall:problem:credentials-wrong', title: 'Credentials wrong', status: 401 };
    expect(new Set(answers)).toEqual(new Set([JSON.stringify({ status: 401, body })]));
    expect((await binds('wrong')) - before).toBe(5);
  });

  it('when the directory has locked the account out, even with the right password', async () => {
    const user = somebody();
    for (let tries = 0; tries < 3; tries++) expect((await bed.signIn(user, 'guessed')).status).toBe(401);
    expect((await bed.signIn(user, directory.password)).status).toBe(401);
    expect(await binds('locked')).toBeGreaterThan(0);
  });

  it('when the directory wants another password, and is told so', async () => {
    const user = somebody();
    await admin.add(`cn=must-change,${directory.base}`, {
      ...{ objectClass: ['applicationProcess', 'pwdPolicy'], cn: 'must-change' },
      ...{ pwdAttribute: 'userPassword', pwdMustChange: 'TRUE' },
    });
    await modify(user, 'replace', 'pwdPolicySubentry', `cn=must-change,${directory.base}`);
    await modify(user, 'replace', 'pwdReset', 'TRUE');
    const refused = await bed.signIn(user, directory.password);
    expect(refused).toMatchObject({ status: 401, body: { type: 'urn:rollcall:problem:password-expired' } });
    expect((await bed.signIn(user, 'guessed')).body.type).toBe('urn:rollcall:problem:credentials-wrong');
  });

  it('while too many tries were wrong: then the directory is not asked, so that it locks nobody out', async () => {
    const asked = async () => (await binds('wrong')) + (await binds('locked')) + (await binds('right'));
    const user = somebody();
    // Somebody who has signed in is slowed for the directory alone.
    expect((await bed.signIn(user, directory.password)).status).toBe(201);
    for (let tries = 0; tries < 5; tries++) expect((await bed.signIn(user, 'guessed')).status).toBe(401);
    const before = await asked();
    const slowed = await bed.signIn(user, directory.password);
    expect(slowed).toMatchObject({ status: 429, body: { type: 'urn:rollcall:problem:too-many-attempts' } });
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(30);
    expect(await asked()).toBe(before);
  });
});

describe('a new password in the directory', () => {
  it('signs in at once, and the old one does not', async () => {
    const user = somebody();
    await modify(user, 'replace', 'userPassword', 'another');
    expect((await bed.signIn(user, directory.password)).status).toBe(401);
    expect((await bed.signIn(user, 'another')).status).toBe(201);
  });
});

describe('servers', () => {
  it('one that hangs or is away is passed over; the next one is asked', async () => {
    for (const first of [silentUrl, 'ldap://127.0.0.1:1']) {
      const frontEnd = await bed.pool.addFrontEnd({ directoryUrl: [first, directory.url], directoryTimeout: 1 });
      expect((await bed.signIn(somebody(), directory.password, frontEnd)).status).toBe(201);
    }
  });

  it('none that answers: 503 and when to come back, for everybody who has no password here; never 401', async () => {
    const { pool } = bed;
    for (const url of [silentUrl, 'ldap://127.0.0.1:1']) {
      const frontEnd = await pool.addFrontEnd({ directoryUrl: [url], directoryTimeout: 1 });
      for (const user of [somebody(), 'nobody-at-all']) {
        const away = await bed.signIn(user, directory.password, frontEnd);
        expect(away).toMatchObject({ status: 503, body: { type: 'urn:rollcall:problem:unavailable' } });
        expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      // Who has one is let in.
      const ours = { user: `ours-${new URL(url).port}`, domain: DOMAIN };
      await pool.backEnd.addAccount({ ...ours, ha1: md5(ours, 'ours') });
      expect((await bed.signIn(ours.user, 'ours', frontEnd)).status).toBe(201);
    }
  });

  it('StartTLS and LDAPS are verified with the authority that was given', async () => {
    for (const settings of [
      { directoryUrl: [directory.url], directoryStartTls: true },
      { directoryUrl: [directory.secureUrl] },
    ]) {
      const user = somebody();
      const trusting = await bed.pool.addFrontEnd(settings);
      expect((await bed.signIn(user, directory.password, trusting)).status).toBe(201);
      const frontEnd = await bed.pool.addFrontEnd({ ...settings, directoryCa: undefined });
      expect((await bed.signIn(user, directory.password, frontEnd)).status).toBe(503);
    }
    expect(bed.pool.log()).toContain('"code":"certificate"');
  });
});

it('no password is in the log, and none is kept', async () => {
  expect(bed.pool.log()).not.toContain(directory.password);
  const found = await bed.pool.backEnd.findCredentials({ user: 'u00001', domain: DOMAIN });
  expect(found).toMatchObject({ enabled: true, appPasswords: [] });
  expect(found?.ha1).toBeUndefined();
});
