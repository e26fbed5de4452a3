import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rollcall, runRollcall, startRollcall } from '../../../test-kit/src/rollcall.ts';
import { spawnRollcall } from '../../../test-kit/src/rollcall-command.ts';

const PORTS = ['--sip-port', '0', '--sips-port', '0', '--http-port', '0'];
let data: string;
let rollcall: Rollcall;
let databaseUrl: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'rollcall-front-end-'));
  rollcall = await startRollcall({ data });
  databaseUrl = JSON.parse(await readFile(join(data, 'connection.json'), 'utf8')).url;
});

afterAll(async () => {
  await rollcall?.stop();
  await rm(data, { recursive: true, force: true });
});

/** Runs a front end until it says that it is ready. */
async function startFrontEnd() {
  const child = spawnRollcall(['front-end', '--database-url', databaseUrl, ...PORTS]);
  let output = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += text;
    if (output.includes('"msg":"ready"')) break;
  }
  child.stdout.on('data', (text) => {
    output += text;
  });
  return { child, output: () => output, exited: new Promise((resolve) => child.once('close', resolve)) };
}

test('a second front end joins the pool, tells its addresses as JSON, and leaves on SIGTERM', async () => {
  const { child, output, exited } = await startFrontEnd();
  const lines = output().trim().split('\n');
  const ready = JSON.parse(lines.at(-1)!);
  expect(ready).toMatchObject({ level: 'info', addresses: { udp: expect.stringMatching(/^127\.0\.0\.1:\d+$/) } });

  const pids = async () => {
    const { stdout } = await runRollcall(['front-ends', '--json', '--database-url', databaseUrl]);
    return (JSON.parse(stdout) as { pid: number; state: string }[]).map(({ pid, state }) => `${pid} ${state}`);
  };
  expect(await pids()).toEqual([`${rollcall.child.pid} serving`, `${child.pid} serving`]);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(await pids()).toEqual([`${rollcall.child.pid} serving`]);
  expect(output()).not.toContain(new URL(databaseUrl).password);
});

test('a taken port is told with its flag', async () => {
  const port = rollcall.addresses.tcp.split(':')[1]!;
  const args = ['front-end', '--database-url', databaseUrl, ...PORTS, '--sip-port', port];
  const { status, stderr } = await runRollcall(args);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `Port ${port} on 127.0.0.1 is in use: end what uses it, or choose another with --sip-port.\n`,
  });
});

test('a database that is away is told in a sentence, without its password', async () => {
  const { status, stderr } = await runRollcall([
    'account',
    'list',
    '--database-url',
    'postgres://u:hunter2@127.0.0.1:1/x',
  ]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^The database cannot be used: .*ECONNREFUSED 127\.0\.0\.1:1\.\n$/);
});

test('a database without a back end is told how to get one', async () => {
  const elsewhere = databaseUrl.replace(/\/rollcall$/, '/postgres');
  const { status, stderr } = await runRollcall(['account', 'list', '--database-url', elsewhere]);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'The database has no back end of this version. `rollcall deploy` puts it there.\n',
  });
});

test('a front end needs to be told its database', async () => {
  const { status, stderr } = await runRollcall(['front-end']);
  expect({ status, stderr }).toEqual({ status: 2, stderr: '--database-url (ROLLCALL_DATABASE_URL) is missing.\n' });
});
