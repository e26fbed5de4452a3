import { readFile } from 'node:fs/promises';
import type { DirectoryProblem, DirectoryStatus } from '@rollcall/back-end';
import { runRollcall, startOpenLdap, type TestDatabase, type TestDirectory } from '@rollcall/test-kit';
import type { Client } from 'ldapts';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { addPerson, replaceAttribute } from './entries.ts';
import { createPoolDatabase, DOMAIN } from './pool-database.ts';
import {
  accountsOf,
  askReplicator,
  type ReplicatorOptions,
  replicateOnce,
  startReplicator,
} from './replicator-process.ts';

const USERS = 20;

let directory: TestDirectory;
let admin: Client;
let database: TestDatabase;
beforeAll(async () => {
  directory = await startOpenLdap({ users: USERS });
  admin = await directory.connect();
});
afterAll(async () => {
  await directory?.stop();
});
beforeEach(async () => {
  database = await createPoolDatabase();
  return () => database.drop();
});

const dnOf = (user: string) => `uid=${user},${directory.users}`;
const addressOf = (user: string) => `${user}@${DOMAIN}`;
const modify = (user: string, type: string, ...values: string[]) =>
  replaceAttribute(admin, dnOf(user), type, ...values);

async function addEntry(user: string, attributes: Record<string, string> = {}): Promise<void> {
  await addPerson(admin, directory.users, user, { mail: addressOf(user), ...attributes });
  onTestFinished(() => admin.del(dnOf(user)).catch(() => {}));
}

async function once(more: Partial<ReplicatorOptions> = {}) {
  return await replicateOnce({ database, directory, ...more });
}

async function follow(more: Partial<ReplicatorOptions> = {}) {
  const flags = ['--directory-schedule', '* * * * * *', ...(more.flags ?? [])];
  const replica = await startReplicator({ database, directory, ...more, flags });
  onTestFinished(() => replica.kill());
  return replica;
}

describe('rollcall user-replicator --once', { timeout: 60_000 }, () => {
  it('makes an account of each person, and the next run finds nothing to do', async () => {
    const first = await once();
    expect(first.status, first.stdout + first.stderr).toBe(0);
    const accounts = await accountsOf(database);
    expect(accounts.size).toBe(USERS);
    expect(accounts.get('u00001@example.test')).toMatchObject({ role: 'user', enabled: true });
    expect((await askReplicator<DirectoryStatus>(database, 'status')).run).toMatchObject({
      ...{ full: true, outcome: 'applied' },
      counts: { entries: USERS, added: USERS },
    });
    expect((await once()).status).toBe(0);
    expect((await askReplicator<DirectoryStatus>(database, 'status')).run).toMatchObject({
      ...{ full: false, outcome: 'applied' },
      counts: { entries: 0, added: 0 },
    });
  });

  it('ends with what is wrong when the back end lets nobody in, instead of waiting for it', async () => {
    const away = { ...database, replicatorUrl: 'postgres://127.0.0.1:1/rollcall' };
    const { status, stderr } = await replicateOnce({ database: away, directory });
    expect(status).toBe(1);
    expect(stderr).toMatch(/127\.0\.0\.1:1/);
  });

  it('does not take an account that somebody has made by hand, and says so until that has gone', async () => {
    const command = ['--database-url', database.url];
    await runRollcall(['account', 'add', `sip:${addressOf('u00002')}`, '--password-stdin', ...command], {
      input: 'x1y2z3a4',
    });
    expect((await accountsOf(database)).size).toBe(1);
    expect((await once()).status).toBe(0);
    const problems = () => askReplicator<DirectoryProblem[]>(database, 'problems');
    expect(await problems()).toMatchObject([{ problem: 'conflict', address: addressOf('u00002'), dn: dnOf('u00002') }]);
    expect((await accountsOf(database)).size).toBe(USERS);

    await runRollcall(['account', 'remove', `sip:${addressOf('u00002')}`, ...command]);
    expect((await once()).status).toBe(0);
    expect(await problems()).toEqual([]);
    expect((await accountsOf(database)).size).toBe(USERS);
  });

  it('disables nobody when it would be too many, until that has been allowed', async () => {
    for (const user of ['x1', 'x2', 'x3', 'x4']) await addEntry(user);
    await once();
    for (const user of ['x1', 'x2', 'x3', 'x4']) await admin.del(dnOf(user));

    const refused = await once();
    expect(refused.status).toBe(1);
    expect(refused.stdout).toContain('4 of 24 enabled accounts would be disabled');
    expect((await accountsOf(database)).get(addressOf('x1'))).toMatchObject({ enabled: true });
    const status = await runRollcall(['replicator', 'status', '--database-url', database.url]);
    expect(status.stdout).toMatch(/4 of 24 enabled accounts .* rollcall replicator allow/);

    await askReplicator(database, 'allow', '--percent', '20');
    expect((await once()).status).toBe(0);
    expect((await accountsOf(database)).get(addressOf('x1'))).toMatchObject({ enabled: false });
  });
});

describe('a replica that goes on', () => {
  it('follows what changes: new, renamed, other address, disabled, enabled, deleted', async () => {
    await addEntry('mallory');
    await addEntry('trent', { mail: 'trent@example.test' });
    const replica = await follow();
    const account = async (address: string) => (await accountsOf(database)).get(address);
    const idOf = async (address: string) => (await account(address))?.id;
    await expect.poll(() => account(addressOf('mallory')), { timeout: 15_000 }).toBeDefined();
    const before = await idOf(addressOf('mallory'));

    await modify('mallory', 'mail', 'mal@example.test');
    await expect.poll(() => idOf('mal@example.test')).toBe(before);
    await admin.modifyDN(dnOf('mallory'), `uid=mal,${directory.users}`);
    onTestFinished(() => admin.del(dnOf('mal')).catch(() => {}));
    await modify('mal', 'pwdAccountLockedTime', '000001010000Z');
    await expect.poll(() => account('mal@example.test')).toMatchObject({ enabled: false });
    await modify('mal', 'pwdAccountLockedTime');
    await expect.poll(() => account('mal@example.test')).toMatchObject({ enabled: true });
    expect(await idOf('mal@example.test')).toBe(before);

    await admin.del(dnOf('trent'));
    await expect.poll(() => account(addressOf('trent'))).toMatchObject({ enabled: false });
    await replica.stop();
    expect(replica.child.exitCode).toBe(0);
  }, 60_000);

  it('takes over within five seconds from one that was killed', async () => {
    const replicas = [await follow(), await follow()];
    const worker = async () => {
      const { holder } = await askReplicator<DirectoryStatus>(database, 'status');
      return Number(holder?.split(':').at(-1));
    };
    await expect.poll(worker, { timeout: 15_000 }).toBeGreaterThan(0);
    const first = await worker();
    const [works, waits] = replicas[0]!.child.pid === first ? replicas : replicas.toReversed();
    expect(works!.child.pid).toBe(first);

    await works!.kill();
    const killed = performance.now();
    await addEntry('heir');
    await expect.poll(worker, { interval: 100 }).toBe(waits!.child.pid);
    expect(performance.now() - killed).toBeLessThan(5000);
    await expect.poll(async () => (await accountsOf(database)).has(addressOf('heir'))).toBe(true);
  }, 60_000);

  it('says what is wrong with the directory, tries again, and leaves the accounts as they are', async () => {
    await once();
    const { address, output } = await follow({ env: { ROLLCALL_DIRECTORY_PASSWORD: 'wrong' } });
    const figures = async () => (await fetch(`http://${address}/metrics`)).text();
    const failures = async () => Number(/errors_total\{code="credentials"\} (\d+)/.exec(await figures())?.[1] ?? 0);
    await expect.poll(failures, { timeout: 15_000 }).toBeGreaterThan(1);
    const { run } = await askReplicator<DirectoryStatus>(database, 'status');
    expect(run).toMatchObject({ outcome: 'failed', errorCode: 'credentials' });
    expect(run.error).toContain('--directory-bind-dn');
    expect(output()).not.toContain('wrong');
    expect((await accountsOf(database)).size).toBe(USERS);
    expect((await fetch(`http://${address}/readyz`)).status).toBe(200);
    expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
    const page = await readFile(new URL('../../docs/directory.md', import.meta.url), 'utf8');
    const told = [...page.matchAll(/^\| `(rollcall_directory_[a-z_]+)`/gm)].map((match) => match[1]!);
    const real = [...(await figures()).matchAll(/^# TYPE (rollcall_[a-z_]+) /gm)].map((match) => match[1]!);
    expect(told.toSorted()).toEqual(real.toSorted());
  }, 40_000);
});

it('docs/directory.md has every flag of the directory', async () => {
  const page = await readFile(new URL('../../docs/directory.md', import.meta.url), 'utf8');
  const { stdout } = await runRollcall(['user-replicator', '--help']);
  const real = new Set([...stdout.matchAll(/^\s+(--[a-z-]+)/gm)].map((match) => match[1]!));
  const told = new Set(page.match(/--directory-[a-z-]+/g));
  expect([...real].filter((flag) => flag.startsWith('--directory-') && !told.has(flag))).toEqual([]);
  expect([...told].filter((flag) => !real.has(flag))).toEqual([]);
});
