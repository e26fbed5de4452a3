import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, runRollcall } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalPool } from '../../bench/pool/local-pool.ts';
import { allGone, family } from '../durability/processes.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-pool-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a pool that is killed leaves no process behind', { timeout: 60_000 }, async () => {
  const pool = await startLocalPool(0, ['--front-ends', '3', '--balancers', '2', '--drain-seconds', '1']);
  try {
    const all = family(pool.child.pid!);
    expect(all.length).toBeGreaterThan(6); // itself, PostgreSQL with its children, three front ends, two balancers
    process.kill(pool.child.pid!, 'SIGKILL');
    await allGone(all);
  } finally {
    await pool.stop();
  }
});

it('a balancer that ends is started again', { timeout: 60_000 }, async () => {
  const pool = await startLocalPool(0, ['--front-ends', '1', '--drain-seconds', '0']);
  try {
    const answers = async () => (await fetch(`http://${pool.addresses.http}/healthz`).catch(() => undefined))?.status;
    expect(await answers()).toBe(200);
    for (const pid of family(pool.child.pid!)) {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8');
      if (name.trim() === 'haproxy') process.kill(pid, 'SIGKILL');
    }
    await expect.poll(answers, { timeout: 10_000 }).toBe(200);
    expect(pool.log()).toContain('balancer 1 has ended (SIGKILL)');
  } finally {
    expect(await pool.stop()).toBe(0);
  }
});

const refused = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> =>
  runRollcall(['pool', '--data', join(folder, 'data'), ...args], { env: { ...process.env, ...env } });

it('what is wrong is said in a sentence, before anything is made', async () => {
  const port = await refused(['--sip-port', '70000', '--front-ends', 'many']);
  expect(port.status).toBe(2);
  expect(port.stderr).toContain('--sip-port');
  expect(port.stderr).toContain('--front-ends');
  const database = await refused(['--database-url', 'postgres://nobody:secret@127.0.0.1:1/none', ...PORTS]);
  expect(database.status).toBe(1);
  expect(database.stderr).toMatch(/database cannot be used/);
  expect(database.stderr).not.toContain('secret');
});

const PORTS = ['--sip-port', '0', '--sips-port', '0', '--http-port', '0'];
