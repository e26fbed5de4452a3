import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rollcall, runRollcall, startRollcall } from '../../../test-kit/src/rollcall.ts';
import { SipClient } from '../../../test-kit/src/sip-client.ts';

let data: string;
let rollcall: Rollcall;
let contact: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'rollcall-endpoints-'));
  rollcall = await startRollcall({ data });
  const alice = rollcall.accounts.find(({ user }) => user === 'alice')!;
  const phone = await SipClient.open(alice, { to: rollcall.addresses.udp });
  contact = phone.contact();
  const headers = [['User-Agent', 'test phone']] as const;
  expect((await phone.register({ contacts: [contact], expires: 300, headers })).status).toBe(200);
  await phone.close();
});

afterAll(async () => {
  await rollcall?.stop();
  await rm(data, { recursive: true, force: true });
});

const run = (...args: string[]) => runRollcall([...args, '--data', data]);
const uri = () => contact.slice(1, -1);

test('a registered phone is listed with where it is and until when', async () => {
  const { stdout } = await run('endpoints', 'alice@localhost');
  expect(stdout).toMatch(/^ACCOUNT +CONTACT +VIA +FRONT END +EXPIRES IN +USER AGENT\n/);
  expect(stdout).toContain(`sip:alice@localhost  ${uri()}  UDP 127.0.0.1:`);
  expect(stdout).toMatch(/(300|29\d) s {2}test phone\n$/);
});

test('--json gives every field of an endpoint', async () => {
  const [endpoint, ...others] = JSON.parse((await run('endpoints', '--json')).stdout);
  expect(others).toEqual([]);
  expect(endpoint).toMatchObject({
    account: 'sip:alice@localhost',
    uri: uri(),
    transport: 'UDP',
    userAgent: 'test phone',
  });
  expect(endpoint.expiresIn).toBeGreaterThan(290);
});

test('no endpoint and no account are two answers', async () => {
  expect(await run('endpoints', 'bob@localhost')).toMatchObject({
    status: 0,
    stdout: 'No endpoint of sip:bob@localhost is registered.\n',
  });
  expect(await run('endpoints', 'nobody@localhost')).toMatchObject({
    status: 1,
    stderr: 'No account sip:nobody@localhost. `rollcall account list` shows those that exist.\n',
  });
});

test('a disabled account loses its endpoints, and that is said', async () => {
  expect((await run('account', 'disable', 'alice@localhost')).stdout).toBe(
    'sip:alice@localhost is disabled; its 1 endpoint has left.\n',
  );
  expect((await run('endpoints')).stdout).toBe('No endpoint is registered.\n');
});

test('the front end is listed with its addresses', async () => {
  const [frontEnd] = JSON.parse((await run('front-ends', '--json')).stdout);
  const { udp, tcp, tls, ws, http } = rollcall.addresses;
  expect(frontEnd).toMatchObject({ pid: rollcall.child.pid, state: 'serving', addresses: { udp, tcp, tls, ws, http } });
  expect((await run('front-ends')).stdout).toContain(`udp ${udp}, tcp ${tcp}, tls ${tls}, ws ${ws}, http ${http}`);
});

test('deploying again while it runs changes nothing', async () => {
  expect((await run('deploy')).stdout).toBe(
    'Deployed: tables were up to date; procedures and rights are those of this version.\n',
  );
  expect(JSON.parse((await run('deploy', '--json')).stdout)).toEqual({ migrations: [] });
});

test('a folder at rest is used too', async () => {
  await rollcall.stop();
  expect((await run('account', 'list')).stdout).toContain('sip:bob@localhost');
  expect((await run('front-ends')).stdout).toBe('No front end is running.\n');
});
