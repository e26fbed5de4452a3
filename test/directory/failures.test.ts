import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Following, failures, type Reached, startFollowing, USERS } from './following.ts';

/** Where no server listens. */
const NOBODY = 'ldap://127.0.0.1:1';

let bed: Following;
let folder: string;
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-failures-'));
  bed = await startFollowing();
}, 60_000);

afterEach(async () => {
  await bed.stopReplicas();
  for (const server of servers.splice(0)) server.close();
});

afterAll(async () => {
  await bed?.stop();
  await rm(folder, { recursive: true, force: true });
});

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
  const subject = ['-nodes', '-subj', '/CN=127.0.0.1'];
  await openssl('req', '-new', '-newkey', 'rsa:2048', ...subject, '-keyout', key, '-out', request);
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
  const base = `ou=elsewhere,${bed.directory.base}`;
  const administrator = await bed.directory.connect();
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
    ...{ code: 'certificate', says: /--directory-ca/, how: () => ({ url: bed.directory.secureUrl }) },
  },
  'lists some of the people only': {
    ...{ code: 'size_limit', says: /limits/, how: () => ({ bind: `cn=limited,${bed.directory.base}` }) },
    // Other people than before, so that all are asked for.
    flags: () => ['--directory-filter', '(uid=u*)'],
  },
  'refers to another server': { code: 'referral', says: /another server/, how: referral },
  'has no such base': {
    ...{ code: 'base_missing', says: /--directory-base/, how: () => ({ base: `ou=nowhere,${bed.directory.base}` }) },
  },
  'is a web server': { code: 'protocol', says: /not LDAP/, how: webServer },
};

describe('a directory that', () => {
  it.each(Object.entries(CASES))(
    '%s: the error says so, and accounts keep working',
    async (_, { code, says, how, flags }) => {
      const reached = await how();
      const replica = await bed.follow(reached, ...(flags?.() ?? []));
      // Of this replica, and no earlier one.
      const url = reached.url === NOBODY ? NOBODY : replica.directoryUrl;
      const error = expect.stringMatching(new RegExp(`^${url} .*${says.source}`));
      const failed = { run: { outcome: 'failed', errorCode: code, error } };
      await expect.poll(bed.backEnd.directoryStatus, { timeout: 15_000, interval: 50 }).toMatchObject(failed);
      expect(await failures(replica, code)).toBeGreaterThan(0);
      expect((await bed.backEnd.directoryStatus()).accounts.enabled).toBe(USERS);
      expect(await bed.canRegister()).toBe(true);
      for (const secret of [bed.directory.password, 'not the word'])
        expect(replica.output()).not.toMatch(new RegExp(`\\b${secret}\\b`));
    },
    30_000,
  );
});
