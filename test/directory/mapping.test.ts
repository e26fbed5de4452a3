import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOpenLdap, type TestDatabase, type TestDirectory } from '@rollcall/test-kit';
import type { Client } from 'ldapts';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { replaceAttribute } from './entries.ts';
import { createPoolDatabase, DOMAIN, deployDomain } from './pool-database.ts';
import { accountsOf, type ReplicatorOptions, replicateOnce } from './replicator-process.ts';

const USERS = 20;

let directory: TestDirectory;
let admin: Client;
let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  directory = await startOpenLdap({ users: USERS });
  admin = await directory.connect();
  folder = await mkdtemp(join(tmpdir(), 'rollcall-replicator-'));
});
afterAll(async () => {
  await directory?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  database = await createPoolDatabase();
  return () => database.drop();
});

const dnOf = (user: string) => `uid=${user},${directory.users}`;
const addressOf = (user: string) => `${user}@${DOMAIN}`;
async function once(more: Partial<ReplicatorOptions> = {}) {
  return await replicateOnce({ database, directory, ...more });
}

describe('the mapping', { timeout: 60_000 }, () => {
  it('gives roles and domains by groups, as the mapping says, and takes them away again', async () => {
    await deployDomain(database, 'sales.test');
    const groups = `ou=groups,${directory.base}`;
    const members = (...users: string[]) => ({ objectClass: 'groupOfNames', member: users.map(dnOf) });
    await admin.add(`cn=admins,${groups}`, { cn: 'admins', ...members('u00001', 'u00002') });
    await admin.add(`cn=sales,${groups}`, { cn: 'sales', ...members('u00003') });
    onTestFinished(async () => {
      for (const name of ['admins', 'sales']) await admin.del(`cn=${name},${groups}`);
    });
    const mapping = join(folder, 'mapping.json');
    const lines = [
      { dn: `cn=admins,${groups}`, role: 'admin' },
      { dn: `cn=sales,${groups}`, domain: 'sales.test' },
    ];
    await writeFile(mapping, JSON.stringify({ groups: lines, address: ['{uid}@{domain}'] }));
    const flags = ['--directory-mapping', mapping];
    expect((await once({ flags })).status).toBe(0);
    const roles = async () =>
      [...(await accountsOf(database)).entries()].flatMap(([name, { role }]) => (role === 'admin' ? [name] : []));
    expect(await roles()).toEqual([addressOf('u00001'), addressOf('u00002')]);
    expect((await accountsOf(database)).has('u00003@sales.test')).toBe(true);

    await replaceAttribute(admin, `cn=admins,${groups}`, 'member', dnOf('u00002'));
    expect((await once({ flags })).status).toBe(0);
    expect(await roles()).toEqual([addressOf('u00002')]);
  });

  it('reads everything again when the mapping has changed', async () => {
    await once();
    const mapping = join(folder, 'other.json');
    await writeFile(mapping, JSON.stringify({ address: ['phone-{uid}@example.test'] }));
    expect((await once({ flags: ['--directory-mapping', mapping] })).status).toBe(0);
    const accounts = await accountsOf(database);
    expect([accounts.size, accounts.has('phone-u00001@example.test')]).toEqual([USERS, true]);
  });
});
