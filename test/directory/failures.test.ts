import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { type BackEnd, openBackEnd } from '@rollcall/back-end';
import { ha1 } from '@rollcall/sip';
import {
  createTestDatabase,
  runRollcall,
  SipClient,
  startOpenLdap,
  type TestDatabase,
  type TestDirectory,
} from '@rollcall/test-kit';
import { Attribute, Change, type Client } from 'ldapts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Replica, startReplica } from '../../bench/chaos/directory/replica.ts';
import { type FrontEndProcess, startFrontEndProcess } from '../front-end-processes.ts';

const DOMAIN = 'example.test';
const USERS = 600;
/** Where no server listens. */
const NOBODY = 'ldap://127.0.0.1:1';
const ALICE = { user: 'u00001', domain: DOMAIN, password: 'a word of her own' };

let database: TestDatabase;
let directory: TestDirectory;
let administrator: Client;
let backEnd: BackEnd;
let frontEnd: FrontEndProcess;
let folder: string;
const replicas: Replica[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-failures-'));
  database = await createTestDatabase();
  backEnd = await openBackEnd({ databaseUrl: database.url, connections: 2 });
  await backEnd.createDomain(DOMAIN);
  directory = await startOpenLdap({ users: USERS });
  administrator = await directory.connect();
  const { child, output } = await follow({}, '--once');
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode, output()).toBe(0);
  await backEnd.setPassword({ ...ALICE, ha1: { MD5: ha1('MD5', ALICE.user, DOMAIN, ALICE.password) } });
  frontEnd = await startFrontEndProcess({ databaseUrl: database.frontEndUrl, domain: DOMAIN });
}, 60_000);

afterEach(async () => {
  for (const replica of replicas.splice(0)) await replica.stop();
  for (const server of servers.splice(0)) server.close();
});

afterAll(async () => {
  await frontEnd?.stop();
  await backEnd?.close();
  await directory?.stop();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

type Reached = Pick<TestDirectory, 'url' | 'base' | 'bind' | 'password'>;

async function follow(how: Partial<Reached> = {}, ...flags: string[]): Promise<Replica> {
  const { url, base, bind, password } = directory;
  const replica = await startReplica({
    ...{ databaseUrl: database.replicatorUrl, directory: { url, base, bind, password, ...how } },
    flags: ['--directory-schedule', '* * * * * *', '--directory-timeout', '1', ...flags],
  });
  replicas.push(replica);
  return replica;
}

/** Runs of a replica that failed so, as Prometheus reads them. */
async function failures(replica: Replica, code: string): Promise<number> {
  const address = /"address":"([\d.]+:\d+)"/.exec(replica.output())?.[1];
  const metrics = await (await fetch(`http://${address}/metrics`)).text();
  return Number(new RegExp(`^rollcall_directory_errors_total\\{code="${code}"\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0);
}

/** Somebody of the directory has a phone. */
async function canRegister(): Promise<boolean> {
  const phone = await SipClient.open(ALICE, { transport: 'TCP', to: frontEnd.addresses.tcp });
  try {
    return (await phone.register({ contacts: [phone.contact()] })).status === 200;
  } finally {
    await phone.close();
  }
}

/** Undefined: there is no such account. */
async function isEnabled(user: string): Promise<boolean | undefined> {
  return (await backEnd.findSignIn({ user, domain: DOMAIN }))?.enabled;
}

async function modify(uid: string, type: string, ...values: string[]): Promise<void> {
  const change = new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
  await administrator.modify(`uid=${uid},${directory.users}`, change);
}

/** @returns its port */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** It expires as it is made. */
async function expired(): Promise<Partial<Reached>> {
  const [key, request, cert] = ['key.pem', 'request.pem', 'expired.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const openssl = (...words: string[]) => promisify(execFile)('openssl', words);
  await openssl(
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=127.0.0.1',
    '-keyout',
    key,
    '-out',
    request,
  );
  await openssl('x509', '-req', '-in', request, '-signkey', key, '-days', '0', '-out', cert);
  const server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) });
  server.on('tlsClientError', () => {});
  return { url: `ldaps://127.0.0.1:${await listen(server)}` };
}

/** Of no directory. */
async function webServer(): Promise<Partial<Reached>> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  return { url: `ldap://127.0.0.1:${await listen(server)}` };
}

async function referral(): Promise<Partial<Reached>> {
  const base = `ou=elsewhere,${directory.base}`;
  await administrator.add(base, {
    ...{ objectClass: ['referral', 'extensibleObject'], ou: 'elsewhere', ref: `ldap://127.0.0.1:1/${base}` },
  });
  return { base };
}

interface Case {
  code: string;
  /** What its error must tell. */
  says: RegExp;
  how(): Promise<Partial<Reached>> | Partial<Reached>;
  flags?: () => string[];
}

const CASES: Record<string, Case> = {
  'does not run': {
    code: 'unreachable',
    says: /cannot be reached/,
    how: () => ({ url: NOBODY }),
    flags: () => ['--directory-url', NOBODY],
  },
  'does not take the password': {
    ...{ code: 'credentials', says: /--directory-password/, how: () => ({ password: 'not the word' }) },
  },
  'has a certificate that has expired': {
    ...{ code: 'certificate', says: /expired.*renew/, how: expired },
    flags: () => ['--directory-ca', join(folder, 'expired.pem')],
  },
  'has a certificate of an authority that nobody knows': {
    ...{ code: 'certificate', says: /--directory-ca/, how: () => ({ url: directory.secureUrl }) },
  },
  'lists some of the people only': {
    ...{ code: 'size_limit', says: /limits/, how: () => ({ bind: `cn=limited,${directory.base}` }) },
    // Other people than before, so that all are asked for.
    flags: () => ['--directory-filter', '(uid=u*)'],
  },
  'refers to another server': { code: 'referral', says: /another server/, how: referral },
  'has no such base': {
    ...{ code: 'base_missing', says: /--directory-base/, how: () => ({ base: `ou=nowhere,${directory.base}` }) },
  },
  'is a web server': { code: 'protocol', says: /not LDAP/, how: webServer },
};

describe('a directory that', () => {
  it.each(Object.entries(CASES))(
    '%s: the error says so, and accounts keep working',
    async (_, { code, says, how, flags }) => {
      const reached = await how();
      const replica = await follow(reached, ...(flags?.() ?? []));
      // Of this replica, and no earlier one.
      const url = reached.url === NOBODY ? NOBODY : replica.directoryUrl;
      const error = expect.stringMatching(new RegExp(`^${url} .*${says.source}`));
      const failed = { run: { outcome: 'failed', errorCode: code, error } };
      await expect.poll(backEnd.directoryStatus, { timeout: 15_000, interval: 50 }).toMatchObject(failed);
      expect(await failures(replica, code)).toBeGreaterThan(0);
      expect((await backEnd.directoryStatus()).accounts.enabled).toBe(USERS);
      expect(await canRegister()).toBe(true);
      for (const secret of [directory.password, 'not the word']) expect(replica.output()).not.toContain(`"${secret}"`);
    },
    30_000,
  );

  it('hangs: a run ends in time, the next ones come later and later, and all is well when it answers again', async () => {
    const replica = await follow();
    await expect.poll(backEnd.directoryStatus, { timeout: 15_000 }).toMatchObject({ run: { outcome: 'applied' } });
    let opened = 0;
    replica.proxies[1].stall();
    replica.proxies[1].onConnection = () => {
      opened += 1;
    };
    const started = performance.now();
    await expect.poll(() => failures(replica, 'timeout'), { timeout: 20_000, interval: 100 }).toBe(3);
    // Three times 1 s for the answer, and between them 1 s and 2 s, each up to a quarter less.
    expect(performance.now() - started).toBeGreaterThan(5000);
    expect(opened).toBeLessThanOrEqual(4);
    expect((await backEnd.directoryStatus()).run).toMatchObject({
      errorCode: 'timeout',
      error: expect.stringMatching(/no answer within 1 s/),
    });
    expect(await canRegister()).toBe(true);
    await modify('u00600', 'mail', `later@${DOMAIN}`);
    replica.proxies[1].resume();
    await expect.poll(() => isEnabled('later'), { timeout: 20_000 }).toBe(true);
  }, 60_000);

  it('ends, and begins again: it is followed from where the last run ended', async () => {
    const replica = await follow();
    const working = async () => (await backEnd.directoryStatus()).holder?.endsWith(`:${replica.child.pid}`);
    await expect.poll(working, { timeout: 15_000 }).toBe(true);
    await directory.kill();
    await expect.poll(() => failures(replica, 'unreachable'), { timeout: 15_000, interval: 100 }).toBeGreaterThan(0);
    expect(await canRegister()).toBe(true);
    await directory.start();
    administrator = await directory.connect();
    await modify('u00599', 'mail', `after@${DOMAIN}`);
    await expect.poll(() => isEnabled('after'), { timeout: 20_000 }).toBe(true);
    expect((await backEnd.directoryStatus()).accounts.enabled).toBe(USERS);
  }, 60_000);

  it('has somebody with a malformed address: that is reported, and all others are followed', async () => {
    await follow();
    await modify('u00010', 'mail', 'nobody at all');
    await modify('u00011', 'mail', `next@${DOMAIN}`);
    await expect.poll(() => isEnabled('next'), { timeout: 15_000 }).toBe(true);
    const { stdout } = await runRollcall(['replicator', 'problems', '--database-url', database.url]);
    expect(stdout).toMatch(/malformed.*uid=u00010/);
    expect(stdout).toContain('nobody at all');
    const status = await runRollcall(['replicator', 'status', '--database-url', database.url]);
    expect(status.stdout).toMatch(/problem/i);
    expect((await backEnd.directoryStatus()).accounts.enabled).toBe(USERS);
  }, 30_000);
});
