import { setTimeout as sleep } from 'node:timers/promises';
import { type SipAccount, SipClient } from '@rollcall/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type FrontEndProcess, startFrontEndProcess } from '../front-end-processes.ts';
import { newInstance, openPhone, openPhoneAt, registerPhone } from '../phones.ts';
import { PIDF, pidf, publish, watch } from './watching.ts';

/** Longer than a turn of a busy front end, shorter than its lease. */
const HANG_MS = 1000;

let pool: FrontEndPool;
let hung: FrontEndProcess;
let clients: SipClient[] = [];
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
});

beforeEach(async () => {
  hung = await startFrontEndProcess({ databaseUrl: pool.databaseUrl, domain: DOMAIN });
});

afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
  await hung.kill();
});

afterAll(async () => {
  await pool?.stop();
});

async function phone(account: SipAccount, to: string, instance: string) {
  const client = await openPhoneAt(to, account, { instance });
  clients.push(client);
  return client;
}

async function newAccount() {
  made += 1;
  return pool.addAccount(`somebody${made}`);
}

/** How many of these requests the front end has answered, whether somebody heard it or not. */
const answered = (method: string) => count('rollcall_sip_responses_sent_total', method);
const received = (method: string) => count('rollcall_sip_requests_received_total', method);

async function count(metric: string, method: string): Promise<number> {
  const text = await (await fetch(`http://${hung.addresses.http}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.includes(metric) && line.includes(`"${method}"`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** What is sent while the front end hangs, on a connection that is closed then; `meanwhile` what its client does elsewhere. */
async function sendAndLeave(client: SipClient, request: string, method: string, meanwhile: () => Promise<void>) {
  const before = await answered(method);
  hung.child.kill('SIGSTOP');
  client.connection.send(request);
  await client.close();
  await Promise.all([meanwhile(), sleep(HANG_MS)]);
  hung.child.kill('SIGCONT');
  await expect.poll(() => answered(method), { timeout: 10_000 }).toBe(before + 1);
}

async function availability(account: SipAccount) {
  const [found] = await pool.backEnd.findPresence({ watcher: account, targets: [account] });
  return found?.outcome === 'found' ? found.state.availability : undefined;
}

test('what was published to a front end that hung does not keep somebody online who has left it', async () => {
  const account = await newAccount();
  const instance = newInstance();
  const first = await phone(account, hung.addresses.tcp, instance);
  const uri = first.addressOfRecord;
  await publish(first, pidf(uri));
  const request = first.request({
    ...{ method: 'PUBLISH', uri, body: pidf(uri, { note: 'of the hung' }), expires: 600 },
    headers: [['Event', 'presence'], PIDF],
  });
  await sendAndLeave(first, request, 'PUBLISH', async () => {
    const second = await phone(account, pool.frontEnd.addresses.tcp, instance);
    await publish(second, pidf(uri, { note: 'here' }));
  });
  const found = await pool.backEnd.findPresence({ watcher: account, targets: [account] });
  expect(found).toMatchObject([{ state: { note: 'here' } }]);
  await clients.at(-1)!.register({
    contacts: [clients.at(-1)!.contact(`;+sip.instance="<${instance}>";reg-id=1`)],
    ...{ supported: 'path, outbound', expires: 0 },
  });
  expect(await availability(account)).toBe(18_000);
});

test('a refresh that a front end that hung reads too late does not take the subscription from its watcher', async () => {
  const [watcher, watched] = [await newAccount(), await openPhone(pool, await newAccount())];
  const instance = newInstance();
  const first = await phone(watcher, hung.addresses.tcp, instance);
  const uri = watched.addressOfRecord;
  const watching = await watch(first, uri);
  await watching.next();
  const request = watching.dialog.request('SUBSCRIBE', {
    ...{ contacts: [first.contact()], expires: 600, headers: [['Event', 'presence']] },
  });
  await sendAndLeave(first, request, 'SUBSCRIBE', async () => {
    watching.dialog.client = await phone(watcher, pool.frontEnd.addresses.tcp, instance);
    await watching.next();
  });
  await publish(watched, pidf(uri, { note: 'still told' }));
  await watching.until(/still told/);
});

test('an unregistration that a front end that hung reads too late does not take the subscription from its watcher', async () => {
  const [watcher, watched] = [await newAccount(), await openPhone(pool, await newAccount())];
  const instance = newInstance();
  const first = await SipClient.open(watcher, { transport: 'TCP', to: hung.addresses.tcp });
  first.contactParameters = ';transport=tcp';
  const challenged = await first.exchange();
  await registerPhone(first, instance);
  const watching = await watch(first, watched.addressOfRecord);
  await watching.next();
  const contacts = [first.contact(`;+sip.instance="<${instance}>";reg-id=1`)];
  // With credentials: as below.
  const headers = [['Authorization', first.authorization(challenged)] as const];
  const request = first.request({ contacts, headers, supported: 'path, outbound', expires: 0 });
  await sendAndLeave(first, request, 'REGISTER', async () => {
    watching.dialog.client = await phone(watcher, pool.frontEnd.addresses.tcp, instance);
    await watching.next();
  });
  await publish(watched, pidf(watched.addressOfRecord, { note: 'still told' }));
  await watching.until(/still told/);
});

test('a registration that a front end that hung reads too late does not make its phone unreachable', async () => {
  const [caller, account] = [await openPhone(pool, await newAccount()), await newAccount()];
  const instance = newInstance();
  const first = await SipClient.open(account, { transport: 'TCP', to: hung.addresses.tcp });
  first.contactParameters = ';transport=tcp';
  const contacts = [first.contact(`;+sip.instance="<${instance}>";reg-id=1`)];
  const registration = { method: 'REGISTER', contacts, supported: 'path, outbound', expires: 600 };
  // With credentials: it proves who it is whatever its connection has proven.
  const challenged = await first.exchange(registration);
  const headers = [['Authorization', first.authorization(challenged)] as const];
  const request = first.request({ ...registration, headers });
  await sendAndLeave(first, request, 'REGISTER', async () => {
    const second = await phone(account, pool.frontEnd.addresses.tcp, instance);
    second.answerEach(() => ({}));
  });
  expect((await caller.message(first.addressOfRecord, 'are you there?')).status).toBe(200);
});

test('nor does one that it had read before it hung', async () => {
  const [caller, account] = [await openPhone(pool, await newAccount()), await newAccount()];
  const instance = newInstance();
  const first = await phone(account, hung.addresses.tcp, instance);
  const contacts = [first.contact(`;+sip.instance="<${instance}>";reg-id=1`)];
  const request = () => first.request({ contacts, supported: 'path, outbound', expires: 600 });
  // One REGISTER waits for the account, and the next one for the first.
  const [before, read] = [await answered('REGISTER'), await received('REGISTER')];
  const held = await pool.hold(account);
  first.connection.send(request() + request());
  await held.awaited();
  await expect.poll(() => received('REGISTER')).toBe(read + 2);
  hung.child.kill('SIGSTOP');
  await held.release();
  await first.close();
  const second = await phone(account, pool.frontEnd.addresses.tcp, instance);
  second.answerEach(() => ({}));
  hung.child.kill('SIGCONT');
  await expect.poll(() => answered('REGISTER'), { timeout: 10_000 }).toBe(before + 2);
  expect((await caller.message(first.addressOfRecord, 'are you there?')).status).toBe(200);
});
