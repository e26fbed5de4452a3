import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSipp } from '../../bench/measure/sipp.ts';
import type { PoolClient } from '../../bench/pool/client.ts';
import { DOMAIN, type LocalPool, passwordOf, startLocalPool } from '../../bench/pool/local-pool.ts';
import { killOne, readSpread, registerClients, restartAll } from '../../bench/pool/rounds.ts';
import { readDashboard } from './dashboard.ts';

const CLIENTS = 1000;
const SCENARIO = new URL('../../bench/scenarios/register-auth.xml', import.meta.url).pathname;

interface Listed {
  account: string;
  uri: string;
  frontEndId: number;
  transport: string;
  receivedFrom: string;
}

let pool: LocalPool;
beforeAll(async () => {
  pool = await startLocalPool(CLIENTS + 200, ['--front-ends', '2', '--https-port', '0', '--drain-seconds', '3']);
});
afterAll(async () => {
  expect(await pool?.stop()).toBe(0);
});

const open = (user: string, transport: 'TCP' | 'TLS' | 'WS', from = '127.0.0.1') =>
  SipClient.open(
    { user, domain: DOMAIN, password: passwordOf(user) },
    { transport, to: pool.addresses[transport.toLowerCase() as 'tcp' | 'tls' | 'ws'], from },
  );

const endpoints = async (user: string): Promise<Listed[]> =>
  JSON.parse(await pool.command('endpoints', `sip:${user}@${DOMAIN}`, '--json'));

it('SIPp registers through the VIP, whose clients keep their own addresses', { timeout: 60_000 }, async () => {
  const users = join(pool.folder, 'users.csv');
  const lines = Array.from({ length: 200 }, (_, index) => {
    const user = `u${CLIENTS + index + 1}`;
    return `${user};[authentication username=${user} password=${passwordOf(user)}]`;
  });
  await writeFile(users, `SEQUENTIAL\n${lines.join('\n')}\n`);
  const target = pool.addresses.tcp;
  const run = { scenario: SCENARIO, users, target, calls: 200, concurrency: 20, timeoutSeconds: 50 };
  expect(await runSipp({ ...run, transport: 'tn' })).toMatchObject({ succeeded: 200, failed: 0 });
  const [one] = await endpoints(`u${CLIENTS + 1}`);
  expect(one).toMatchObject({ transport: 'TCP', receivedFrom: expect.stringMatching(/^127\.0\.0\.1:/) });
});

it('the devices of one user are on several front ends at once, over TCP, TLS and WebSocket, and each sees all', async () => {
  const phones: SipClient[] = [];
  for (const [index, transport] of (['TCP', 'TCP', 'TLS', 'TLS', 'WS', 'WS'] as const).entries())
    phones.push(await open('u1', transport, `127.0.0.${index + 2}`));
  for (const [index, phone] of phones.entries())
    expect((await phone.register({ contacts: [phone.contact()] })).contacts).toHaveLength(index + 1);
  const listed = await endpoints('u1');
  expect(new Set(listed.map(({ frontEndId }) => frontEndId)).size).toBe(2);
  expect(listed.map(({ receivedFrom }) => receivedFrom.split(':')[0]).toSorted()).toEqual([
    '127.0.0.2',
    '127.0.0.3',
    '127.0.0.4',
    '127.0.0.5',
    '127.0.0.6',
    '127.0.0.7',
  ]);
  for (const phone of phones) {
    expect((await phone.register({ contacts: [phone.contact()], expires: 0 })).status).toBe(200);
    await phone.close();
  }
});

it('HTTP and HTTPS are served on the VIP, but not the metrics of some front end', async () => {
  expect((await fetch(`http://${pool.addresses.http}/healthz`)).status).toBe(200);
  expect((await fetch(`http://${pool.addresses.http}/metrics`)).status).toBe(404);
  const [first] = await pool.frontEnds();
  expect((await fetch(`http://${first!.addresses.http}/metrics`)).status).toBe(200);
  const statistics = await (await fetch(`http://${pool.addresses.stats[0]}/metrics`)).text();
  expect(statistics).toMatch(/haproxy_server_status\{proxy="sip",server="front-end-2",state="UP"\} 1/);
});

it('front ends and balancer have the metrics that the dashboard of Grafana asks for', async () => {
  const [first] = await pool.frontEnds();
  const pages = [first!.addresses.http, pool.addresses.stats[0]].map(async (address) =>
    (await fetch(`http://${address}/metrics`)).text(),
  );
  const types = [...(await Promise.all(pages)).join('\n').matchAll(/^# TYPE (\w+) (\w+)/gm)];
  const names = types.flatMap(([, name, type]) => (type === 'histogram' ? [`${name}_bucket`] : [name]));
  const { metrics } = await readDashboard();
  expect(metrics.length).toBeGreaterThan(10);
  expect(metrics.filter((metric) => !names.includes(metric))).toEqual([]);
});

describe(`with ${CLIENTS} TCP clients`, () => {
  let clients: PoolClient[] = [];
  beforeAll(async () => {
    clients = await registerClients(pool, CLIENTS);
  });
  afterAll(() => {
    for (const client of clients) client.close();
  });

  it('they are spread evenly over the front ends', async () => {
    expect(clients.flatMap(({ failures }) => failures)).toEqual([]);
    const { connections, deviation } = await readSpread(pool, CLIENTS);
    expect(connections).toHaveLength(2);
    expect(deviation).toBeLessThan(0.1);
  });

  it('all front ends are restarted under load, and no client notices more than a reconnect', {
    timeout: 90_000,
  }, async () => {
    const before = (await pool.frontEnds()).map(({ pid }) => pid);
    const { failures, registrations } = await restartAll(pool, clients, 100);
    expect(failures).toEqual([]);
    expect(registrations).toBeGreaterThan(500);
    const after = (await pool.frontEnds()).map(({ pid }) => pid);
    expect(after).toHaveLength(2);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect(pool.log()).not.toContain('"level":"error"');
  });

  it('one front end is killed: its clients are back within seconds, and the list leaves out who is gone', {
    timeout: 90_000,
  }, async () => {
    const [victim] = await pool.frontEnds();
    const death = await killOne(pool, clients, victim!);
    expect(death.failures).toEqual([]);
    expect(death.back).toBeGreaterThan(CLIENTS / 4);
    expect(death.lost - death.back).toBeGreaterThan(CLIENTS / 40);
    expect(death.slowestReturn).toBeLessThan(10_000);
    expect(death.listRight).toBeLessThan(5000);
    expect(death.allBack).toBeLessThan(15_000);
    // And it is started again.
    await expect
      .poll(async () => (await pool.frontEnds()).filter(({ state }) => state === 'serving').length, { timeout: 15_000 })
      .toBe(2);
  });
});
