import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { startOpenLdap, type TestDatabase, type TestDirectory } from '@rollcall/test-kit';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { addPerson } from './entries.ts';
import { createPoolDatabase, DOMAIN } from './pool-database.ts';
import { accountsOf, startReplicator } from './replicator-process.ts';

const USERS = 5;
/** RFC 4533 §2.2: the OID of the control, and its mode refreshAndPersist. */
const SYNC_REQUEST = '1.3.6.1.4.1.4203.1.9.1.1';
const PERSIST = Buffer.from('0a0103', 'hex');

let directory: TestDirectory;
let database: TestDatabase;
beforeAll(async () => {
  directory = await startOpenLdap({ users: USERS });
});
afterAll(() => directory?.stop());
beforeEach(async () => {
  database = await createPoolDatabase();
  return () => database.drop();
});

async function follow(url = directory.url) {
  const flags = ['--directory-schedule', 'continuous'];
  const replica = await startReplicator({ database, directory: { ...directory, url }, flags });
  onTestFinished(() => replica.kill());
  return replica;
}

async function addEntry(uid: string): Promise<void> {
  const admin = await directory.connect();
  const dn = await addPerson(admin, directory.users, uid, { mail: `${uid}@${DOMAIN}` });
  onTestFinished(() => admin.del(dn));
}

const has = async (user: string) => (await accountsOf(database)).has(`${user}@${DOMAIN}`);

/** The directory, which answers searches that go on with this result. @returns its URL */
async function refusing(code: number): Promise<string> {
  const server = createServer((client) => {
    const onward = connect(Number(new URL(directory.url).port), '127.0.0.1');
    client.on('close', () => onward.destroy()).on('error', () => {});
    onward.on('error', () => client.destroy()).pipe(client);
    client.on('data', (data: Buffer) => {
      if (!data.includes(SYNC_REQUEST) || !data.includes(PERSIST)) return void onward.write(data);
      const id = data[data.indexOf(Buffer.from('0201', 'hex')) + 2]!;
      client.write(Buffer.from([0x30, 12, 2, 1, id, 0x65, 7, 0x0a, 1, code, 4, 0, 4, 0]));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('a change is heard of as it happens', async () => {
  await follow();
  await expect.poll(async () => (await accountsOf(database)).size, { timeout: 15_000 }).toBe(USERS);
  await addEntry('quick');
  await expect.poll(() => has('quick'), { timeout: 4000 }).toBe(true);
}, 40_000);

it.each([12, 53])(
  'a directory whose wait for changes ends at once with result %i is looked at every second, no more often',
  async (code) => {
    const { address, output } = await follow(await refusing(code));
    const runs = async () => {
      const figures = await (await fetch(`http://${address}/metrics`)).text();
      return Number(/runs_total\{outcome="applied"\} (\d+)/.exec(figures)?.[1]);
    };
    const reach = (count: number) => expect.poll(runs, { timeout: 15_000, interval: 50 }).toBeGreaterThanOrEqual(count);
    await reach(1);
    const began = performance.now();
    await reach(4);
    expect(performance.now() - began).toBeGreaterThan(2000);
    await addEntry('seen');
    await expect.poll(() => has('seen'), { timeout: 4000 }).toBe(true);
    // 53 may mean that the cookie is too old (RFC 4533 §3.8): a run helps then.
    expect(output().match(/does not tell of changes/g) ?? []).toHaveLength(code === 53 ? 0 : 1);
  },
  40_000,
);
