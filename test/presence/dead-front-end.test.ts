import { type SipAccount, SipClient } from '@rollcall/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type FrontEndProcess, startFrontEndProcess } from '../front-end-processes.ts';
import { newInstance, openPhone, openPhoneAt } from '../phones.ts';
import { pidf, publish, sequence, watch } from './watching.ts';

let pool: FrontEndPool;
let dying: FrontEndProcess;
let clients: SipClient[] = [];
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
});

beforeEach(async () => {
  dying = await startFrontEndProcess({ databaseUrl: pool.databaseUrl, domain: DOMAIN });
});

afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
  await dying.kill();
});

afterAll(async () => {
  await pool?.stop();
});

async function phone(account: SipAccount, to: string, instance: string) {
  const client = await openPhoneAt(to, account, { instance });
  clients.push(client);
  return client;
}

async function people() {
  made += 1;
  const [watcher, account] = [await pool.addAccount(`watcher${made}`), await pool.addAccount(`watched${made}`)];
  return { watcher, watched: await openPhone(pool, account), uri: `sip:${account.user}@${DOMAIN}` };
}

test('a watcher whose front end is killed registers elsewhere, and hears in the same dialog what it has missed', async () => {
  const { watcher, watched, uri } = await people();
  const instance = newInstance();
  const watching = await watch(await phone(watcher, dying.addresses.tcp, instance), uri);
  const first = await watching.next();
  await dying.kill();
  await publish(watched, pidf(uri, { note: 'missed' }));
  watching.dialog.client = await phone(watcher, pool.frontEnd.addresses.tcp, instance);
  const missed = await watching.until(/missed/);
  expect(sequence(missed)).toBeGreaterThan(sequence(first));
  expect(missed.header('From')).toBe(first.header('From'));
  expect(missed.header('To')).toBe(first.header('To'));
  await publish(watched, pidf(uri, { note: 'and this' }));
  await watching.until(/and this/);
  expect((await watching.refresh()).status).toBe(200);
});

test('a watcher on UDP whose front end is killed goes on being told, by another one', async () => {
  const { watcher, watched, uri } = await people();
  const client = await SipClient.open(watcher, { transport: 'UDP', to: dying.addresses.udp });
  clients.push(client);
  const watching = await watch(client, uri);
  const first = await watching.next();
  await dying.kill();
  await publish(watched, pidf(uri, { note: 'missed' }));
  // The lease of the dead one runs out first.
  await expect
    .poll(async () => client.connection.takeRequests().filter((one) => one.body.includes('missed')).length, {
      timeout: 15_000,
    })
    .toBeGreaterThan(0);
  expect(sequence(first)).toBeGreaterThan(0);
}, 25_000);

test('a watcher whose connection is gone is told everything when it is back, by the same front end', async () => {
  const { watcher, watched, uri } = await people();
  const instance = newInstance();
  const client = await phone(watcher, pool.frontEnd.addresses.tcp, instance);
  const watching = await watch(client, uri);
  const first = await watching.next();
  await client.close();
  await publish(watched, pidf(uri, { note: 'in the tunnel' }));
  await expect
    .poll(() => pool.metric('rollcall_notifications_total{result="lost"}'), { timeout: 5000 })
    .toBeGreaterThan(0);
  watching.dialog.client = await phone(watcher, pool.frontEnd.addresses.tcp, instance);
  const missed = await watching.until(/in the tunnel/);
  expect(sequence(missed)).toBeGreaterThan(sequence(first));
});
