import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSipp } from '../../bench/measure/sipp.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const SCENARIO = join(ROOT, 'bench/scenarios/register-auth.xml');
const USERS = 60;
const run = promisify(execFile);

/**
 * How Compose is called here. ROLLCALL_TEST_COMPOSE=1: by local-docker, which stands beside the checkout and needs no
 * image registry; another value: that command. Else Docker's own, where an engine answers.
 */
const COMPOSE = await findCompose();

async function findCompose(): Promise<string[] | undefined> {
  const asked = process.env.ROLLCALL_TEST_COMPOSE;
  if (asked === '1') {
    const localDocker = join(ROOT, '../shared/tools/local-docker/local-docker');
    await run(localDocker, ['up']);
    // It has no stand-in for Grafana, which is not started here.
    await run(localDocker, ['images'], { cwd: ROOT }).catch(() => {});
    return [localDocker, 'compose'];
  }
  if (asked) return asked.split(' ');
  try {
    await run('docker', ['compose', 'version']);
    await run('docker', ['version', '--format', '{{.Server.Version}}']);
    return ['docker', 'compose'];
  } catch {
    return undefined;
  }
}

describe.skipIf(!COMPOSE)('docker compose up --scale front-end=3', () => {
  const project = `rollcall-test-${process.pid}`;
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  let vip: string;

  /** @returns what it prints */
  async function compose(args: readonly string[], input = ''): Promise<string> {
    const [program, ...words] = [...COMPOSE!, '-p', project, ...args];
    const child = spawn(program!, words, { cwd: ROOT, env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.end(input);
    const [status] = await once(child, 'close');
    if (status !== 0) throw new Error(`compose ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  const rollcall = async (...args: string[]) => compose(['run', '--rm', '-T', 'rollcall', ...args]);

  async function register(concurrency: number) {
    const users = join(folder, 'users.csv');
    const calls = { scenario: SCENARIO, users, target: vip, calls: USERS, concurrency };
    return runSipp({ ...calls, transport: 'tn', timeoutSeconds: 60 });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-compose-'));
    const [sip, sips, http, stats] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    vip = `127.0.0.1:${sip}`;
    environment = {
      ...process.env,
      ...{ ROLLCALL_SIP_PORT: sip, ROLLCALL_SIPS_PORT: sips, ROLLCALL_HTTP_PORT: http, ROLLCALL_STATS_PORT: stats },
      ROLLCALL_EDGE_NETWORK: `172.31.${process.pid % 250}.0/24`,
      ROLLCALL_DOMAIN: 'pool.test',
    };
    await compose(['up', '-d', '--build', '--scale', 'front-end=3']);
    const names = Array.from({ length: USERS }, (_, index) => `u${index + 1}`);
    const accounts = names.map((user) => `${user}@pool.test,secret-${user}\n`).join('');
    await compose(['run', '--rm', '-T', 'rollcall', 'account', 'import', '-'], accounts);
    const lines = names.map((user) => `${user};[authentication username=${user} password=secret-${user}]`);
    await writeFile(join(folder, 'users.csv'), `SEQUENTIAL\n${lines.join('\n')}\n`);
  }, 600_000);

  afterAll(async () => {
    await compose(['down', '-v']);
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  it('has three front ends, each with an address of its own', { timeout: 60_000 }, async () => {
    const frontEnds = JSON.parse(await rollcall('front-ends', '--json')) as Listed[];
    expect(frontEnds.map(({ state }) => state)).toEqual(['serving', 'serving', 'serving']);
    expect(new Set(frontEnds.map(({ addresses }) => addresses.tcp)).size).toBe(3);
    expect((await fetch(`http://127.0.0.1:${environment.ROLLCALL_HTTP_PORT}/healthz`)).status).toBe(200);
  });

  it('registers SIPp through the VIP, and goes on when a front end is killed', { timeout: 120_000 }, async () => {
    expect(await register(10)).toMatchObject({ succeeded: USERS, failed: 0 });
    const container = (await compose(['ps', '-q', 'front-end'])).trim().split('\n')[0]!;
    await run('docker', ['kill', container]);
    // The first calls may meet the dead one: SIPp does not try again, a phone would.
    const during = await register(5);
    expect(during.succeeded).toBeGreaterThan(USERS * 0.8);
    const listed = async () => (JSON.parse(await rollcall('front-ends', '--json')) as Listed[]).length;
    await expect.poll(listed, { timeout: 30_000 }).toBe(2);
    expect(await register(10)).toMatchObject({ succeeded: USERS, failed: 0 });
    const endpoints = JSON.parse(await rollcall('endpoints', '--json')) as { account: string }[];
    expect(new Set(endpoints.map(({ account }) => account)).size).toBe(USERS);
  });
});

interface Listed {
  state: string;
  addresses: Record<string, string>;
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return String(port);
}
