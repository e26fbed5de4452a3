import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runRollcall, startOpenLdap, startRollcall, type TestDirectory } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { DOMAIN as POOL_DOMAIN, startLocalPool } from '../../bench/pool/local-pool.ts';
import { DOMAIN } from './pool-database.ts';

const USERS = 5;

let directory: TestDirectory;
let folder: string;
beforeAll(async () => {
  directory = await startOpenLdap({ users: USERS });
  folder = await mkdtemp(join(tmpdir(), 'rollcall-local-pool-'));
});
afterAll(async () => {
  await directory?.stop();
  await rm(folder, { recursive: true, force: true });
});

const flags = () => ['--directory-url', directory.url, '--directory-bind-dn', directory.bind];
const metricsAt = async (address: string) => (await fetch(`http://${address}/metrics`)).text();

it('Standard Edition follows a directory too', async () => {
  const env = { ...process.env, ROLLCALL_DIRECTORY_PASSWORD: directory.password };
  const rollcall = await startRollcall({ data: join(folder, 'data'), args: [...flags(), '--domain', DOMAIN], env });
  onTestFinished(async () => void (await rollcall.stop()));
  const list = async () =>
    JSON.parse((await runRollcall(['account', 'list', '--json', '--data', rollcall.data])).stdout) as unknown[];
  await expect.poll(async () => (await list()).length, { timeout: 20_000 }).toBe(USERS + rollcall.accounts.length);
  expect(await metricsAt(rollcall.addresses.http)).toContain('rollcall_directory_runs_total{outcome="applied"} 1');
}, 60_000);

it('so does a pool on one machine, and says where the metrics of that are', async () => {
  const [password, mapping] = [join(folder, 'password'), join(folder, 'mapping.json')];
  await writeFile(password, directory.password, { mode: 0o600 });
  await writeFile(mapping, JSON.stringify({ address: [`{uid}@${POOL_DOMAIN}`] }));
  const own = ['--directory-password-file', password, '--directory-mapping', mapping];
  const pool = await startLocalPool(0, ['--front-ends', '1', ...flags(), ...own]);
  onTestFinished(async () => void (await pool.stop()));
  const followed = async () =>
    (await pool.backEnd.listAccounts()).filter(({ user }) => /^u\d+$/.test(user)).map(({ user }) => user);
  await expect.poll(async () => (await followed()).length, { timeout: 20_000 }).toBe(USERS);
  const { replicator } = pool.addresses;
  expect(await metricsAt(replicator!)).toContain('rollcall_directory_runs_total{outcome="applied"} 1');
  expect((await fetch(`http://${replicator}/readyz`)).status).toBe(200);
}, 90_000);
