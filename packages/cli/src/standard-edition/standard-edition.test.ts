import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Rollcall, type RollcallOptions, runRollcall, startRollcall } from '../../../test-kit/src/rollcall.ts';
import { SipClient } from '../../../test-kit/src/sip-client.ts';

let parent: string;
const running: Rollcall[] = [];

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rollcall-start-'));
});

afterEach(async () => {
  for (const rollcall of running.splice(0)) if (rollcall.child.exitCode === null) await rollcall.stop();
});

afterAll(() => rm(parent, { recursive: true, force: true }));

async function start(folder: string, options: Omit<RollcallOptions, 'data'> = {}): Promise<Rollcall> {
  const rollcall = await startRollcall({ data: join(parent, folder), ...options });
  running.push(rollcall);
  return rollcall;
}

async function registerAlice({ addresses, accounts, domain }: Rollcall): Promise<number> {
  const { password = '' } = accounts.find(({ user }) => user === 'alice') ?? {};
  const phone = await SipClient.open({ user: 'alice', domain, password }, { to: addresses.udp });
  const { status } = await phone.register({ contacts: [phone.contact()] });
  await phone.close();
  return status;
}

async function registered(folder: string): Promise<string[]> {
  const { stdout } = await runRollcall(['endpoints', '--json', '--data', join(parent, folder)]);
  return (JSON.parse(stdout) as { account: string }[]).map(({ account }) => account);
}

async function options(address: string): Promise<number> {
  const phone = await SipClient.open({ user: 'x', domain: 'localhost', password: '' }, { to: address });
  const { status } = await phone.exchange({ method: 'OPTIONS' });
  await phone.close();
  return status;
}

test('a first start makes an administrator and two accounts, and answers; a later one keeps them', async () => {
  const started = performance.now();
  const first = await start('first');
  expect(await options(first.addresses.udp)).toBe(200);
  console.log(`first start to answered OPTIONS: ${Math.round(performance.now() - started)} ms`);
  expect(first.domain).toBe('localhost');
  expect(first.accounts).toEqual([
    {
      user: 'admin',
      role: 'admin',
      domain: 'localhost',
      password: expect.stringMatching(/^[a-z2-9]{4}(-[a-z2-9]{4}){2}$/),
    },
    expect.objectContaining({ user: 'alice', role: 'user' }),
    expect.objectContaining({ user: 'bob', role: 'user' }),
  ]);
  expect(await registerAlice(first)).toBe(200);
  expect(await first.stop('SIGTERM')).toBe(0);

  const restarted = performance.now();
  const second = await start('first');
  expect(await options(second.addresses.tcp)).toBe(200);
  console.log(`later start to answered OPTIONS: ${Math.round(performance.now() - restarted)} ms`);
  expect(second).toMatchObject({ domain: 'localhost', accounts: [] });
  expect(await registered('first')).toEqual(['sip:alice@localhost']);
});

test('the domain of the first start stays; another one is added', async () => {
  expect((await start('domain', { args: ['--domain', 'Example.org'] })).domain).toBe('example.org');
  await running.pop()!.stop();
  expect((await start('domain')).domain).toBe('example.org');
  await running.pop()!.stop();
  const other = await start('domain', { args: ['--domain', 'example.net'] });
  expect(other).toMatchObject({ domain: 'example.net', accounts: [] });
  const carol = await runRollcall([
    'account',
    'add',
    'c@example.com',
    '--password',
    'p',
    '--data',
    join(parent, 'domain'),
  ]);
  expect(carol.stderr).toContain('it serves example.org, example.net.');
});

test('registrations survive Ctrl-C, pressed under npm, and kill -9', async () => {
  const first = await start('survive');
  expect(await registerAlice(first)).toBe(200);
  first.child.kill('SIGINT'); // the terminal's; npm forwards its own right after
  expect(await first.stop('SIGINT')).toBe(0);

  const second = await start('survive');
  expect(await registered('survive')).toEqual(['sip:alice@localhost']);
  await second.kill();

  await start('survive');
  expect(await registered('survive')).toEqual(['sip:alice@localhost']);
});

test('a second start on the same folder is refused in a sentence, and harms nothing', async () => {
  const first = await start('twice');
  const data = join(parent, 'twice');
  // With the same ports, as a second `npm start` would have: it is told of the folder, not of a port.
  const port = (address: string) => address.split(':').at(-1)!;
  const second = await runRollcall([
    ...['start', '--data', data, '--sip-port', port(first.addresses.udp)],
    ...['--sips-port', port(first.addresses.tls), '--http-port', port(first.addresses.http)],
  ]);
  expect(second).toEqual({
    status: 1,
    stdout: '',
    stderr: `The folder ${data} is in use by process ${first.child.pid}: stop that first, or name another folder.\n`,
  });
  expect(await options(first.addresses.udp)).toBe(200);
});

test('a port in use is told with its flag before anything is made', async () => {
  const first = await start('ports');
  const [host, port] = first.addresses.http.split(':');
  const data = join(parent, 'never-made');
  const second = await runRollcall([
    'start',
    '--data',
    data,
    '--sip-port',
    '0',
    '--sips-port',
    '0',
    '--http-port',
    port!,
  ]);
  expect(second).toEqual({
    status: 1,
    stdout: '',
    stderr: `Port ${port} on ${host} is in use: end what uses it, or choose another with --http-port.\n`,
  });
  expect((await runRollcall(['account', 'list', '--data', data])).stderr).toContain(
    `There is no Rollcall data in ${data}.`,
  );
});

test('it starts with next to no environment, in a folder below one that only its owner may enter', async () => {
  const folder = join(parent, 'private');
  await mkdir(folder);
  await chmod(folder, 0o700);
  const rollcall = await start('private/data', { env: {} });
  expect(await registerAlice(rollcall)).toBe(200);
});

test('when PostgreSQL is ended from outside, the server says so and ends with status 1', async () => {
  const rollcall = await start('database');
  const exited = new Promise((resolve) => rollcall.child.once('exit', resolve));
  const pidFile = await readFile(join(parent, 'database', 'postgresql', 'postmaster.pid'), 'utf8');
  process.kill(Number(pidFile.split('\n')[0]), 'SIGINT');
  expect(await exited).toBe(1);
  expect(rollcall.output().stderr).toContain('PostgreSQL ended by itself');
});

test('wrong settings are told together, with status 2', async () => {
  const wrong = await runRollcall(['start', '--sip-port', '99999', '--max-expires', '10', '--domain', 'localhost'], {
    env: { ...process.env, ROLLCALL_LOG_LEVEL: 'loud' },
  });
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain(
    '--sip-port (ROLLCALL_SIP_PORT): must be a whole number from 0 to 65535, not "99999".',
  );
  expect(wrong.stderr).toContain('(from ROLLCALL_LOG_LEVEL).');
});
