import { randomBytes } from 'node:crypto';
import { type SipAccount, SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveHeap } from '../../bench/measure/heap.ts';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type FrontEndProcess, startFrontEndProcess } from '../front-end-processes.ts';
import { pidf, publish, watch } from '../presence/watching.ts';

const FLOOD = 10_000;
/** What caches may have grown by, bytes. */
const MAXIMUM_LEFT = 24 << 20;

let pool: FrontEndPool;
/** It lets its own machine in, so that one socket can be many watchers. */
let frontEnd: FrontEndProcess;
let bob: SipClient;
let alice: SipClient;
const clients: SipClient[] = [];
const ALICE = `sip:alice@${DOMAIN}`;
const BOB = `sip:bob@${DOMAIN}`;

beforeAll(async () => {
  pool = await startFrontEndPool();
  const flags = ['--trusted-networks', '127.0.0.0/8'];
  frontEnd = await startFrontEndProcess({ databaseUrl: pool.databaseUrl, domain: DOMAIN, flags, inspect: true });
  alice = await connect(await pool.addAccount('alice'));
  bob = await connect(await pool.addAccount('bob'));
});

afterAll(async () => {
  for (const client of clients) await client.close();
  await frontEnd?.stop();
  await pool?.stop();
});

async function connect(account: SipAccount): Promise<SipClient> {
  const client = await SipClient.open(account, { transport: 'TCP', to: frontEnd.addresses.tcp });
  client.contactParameters = ';transport=tcp';
  clients.push(client);
  return client;
}

/** The text of a SUBSCRIBE to `uri` that makes a subscription of its own. */
function subscription(client: SipClient, uri: string, from = client.addressOfRecord): string {
  return client.request({
    ...{ method: 'SUBSCRIBE', uri, to: `<${uri}>`, expires: 600, contacts: [client.contact()] },
    from: `<${from}>;tag=${client.tag}`,
    callId: randomBytes(8).toString('hex'),
    headers: [['Event', 'presence']],
  });
}

/** Takes answers until that many have come. @returns how many of each status */
async function answers(client: SipClient, count: number, ms = 30_000): Promise<Record<number, number>> {
  const found: Record<number, number> = {};
  let total = 0;
  const more = async () => {
    for (const { status } of await client.connection.collect(20)) {
      found[status] = (found[status] ?? 0) + 1;
      total += 1;
    }
    return total;
  };
  await expect.poll(more, { timeout: ms, interval: 1 }).toBe(count);
  return found;
}

/** What others see meanwhile: somebody publishes, and a watcher hears of it. @returns ms */
async function served(): Promise<number> {
  const begun = performance.now();
  const watching = await watch(bob, ALICE);
  await watching.next();
  const note = randomBytes(8).toString('hex');
  expect((await publish(alice, pidf(ALICE, { note }), { expires: 60 })).status).toBe(200);
  await watching.until(new RegExp(note));
  expect((await watching.refresh({ expires: 0 })).status).toBe(200);
  await watching.next();
  return performance.now() - begun;
}

describe(`${FLOOD} requests of one account over one connection, all at once,`, () => {
  test('to publish: are answered, the newest 32 are kept, and others are served meanwhile', async () => {
    const mallory = await connect(await pool.addAccount('mallory'));
    await publish(mallory, pidf(mallory.addressOfRecord));
    const before = await liveHeap(frontEnd.inspector!);
    for (let index = 0; index < FLOOD; index++) {
      const headers = [['Event', 'presence'] as const, ['Content-Type', 'application/pidf+xml'] as const];
      const body = pidf(mallory.addressOfRecord, { note: 'x'.repeat(1000) });
      const request = { method: 'PUBLISH', uri: mallory.addressOfRecord, expires: 600, body, headers };
      mallory.connection.send(mallory.request({ ...request, callId: String(index) }));
    }
    expect(await served()).toBeLessThan(5000);
    const found = await answers(mallory, FLOOD);
    expect(Object.keys(found).filter((status) => !['200', '503'].includes(status))).toEqual([]);
    expect(found[200]).toBeGreaterThan(30);
    expect((await liveHeap(frontEnd.inspector!)) - before).toBeLessThan(MAXIMUM_LEFT);
  }, 60_000);

  test('to subscribe: 1,000 are granted, the others refused, and others are served meanwhile', async () => {
    const trudy = await connect(await pool.addAccount('trudy'));
    trudy.answerEach(() => ({}));
    const before = await liveHeap(frontEnd.inspector!);
    for (let index = 0; index < FLOOD; index++) trudy.connection.send(subscription(trudy, BOB));
    expect(await served()).toBeLessThan(5000);
    const found = await answers(trudy, FLOOD);
    expect(Object.keys(found).filter((status) => !['200', '403', '503'].includes(status))).toEqual([]);
    for (let index = 0; index < 1100; index++) trudy.connection.send(subscription(trudy, BOB));
    const then = await answers(trudy, 1100);
    expect((found[200] ?? 0) + (then[200] ?? 0)).toBe(1000);
    expect((await liveHeap(frontEnd.inspector!)) - before).toBeLessThan(MAXIMUM_LEFT);
  }, 60_000);
});

test('4,500 watchers that do not answer keep nobody else waiting', async () => {
  const silent = await connect(await pool.addAccount('silent'));
  silent.connection.onRequest(() => {});
  for (let account = 0; account < 5; account++) {
    const { user } = await pool.addAccount(`silent${account}`);
    for (let sent = 0; sent < 900; sent += 100) {
      for (let index = 0; index < 100; index++) {
        silent.connection.send(subscription(silent, ALICE, `sip:${user}@${DOMAIN}`));
      }
      expect(await answers(silent, 100)).toEqual({ 200: 100 });
    }
  }
  expect(await served()).toBeLessThan(5000);
  expect(await served()).toBeLessThan(5000);
}, 60_000);

test('10,000 rules, for 1,000 present watchers and others, change in bounded time, while others are served', async () => {
  const WATCHERS = 1000;
  /** By watcher: what it was told last. */
  const isOpen = new Map<string, boolean>();
  const open = () => [...isOpen.values()].filter(Boolean).length;
  const famous = await connect(await pool.addAccount('famous'));
  const ha1 = { MD5: 'a'.repeat(32), 'SHA-256': 'a'.repeat(64), 'SHA-512-256': 'a'.repeat(64) };
  const fans = Array.from({ length: WATCHERS }, (_, index) => ({ user: `fan${index}`, domain: DOMAIN, ha1 }));
  await pool.backEnd.importAccounts(fans);
  const watcher = await connect(await pool.addAccount('fans'));
  watcher.answerEach(({ header, body }) => {
    isOpen.set(/sip:(fan\d+)@/.exec(header('To') ?? '')?.[1] ?? '', /open/.test(body));
    return {};
  });
  for (let sent = 0; sent < WATCHERS; sent += 100) {
    for (const { user } of fans.slice(sent, sent + 100)) {
      watcher.connection.send(subscription(watcher, famous.addressOfRecord, `sip:${user}@${DOMAIN}`));
    }
    expect(await answers(watcher, 100)).toEqual({ 200: 100 });
  }
  expect((await publish(famous, pidf(famous.addressOfRecord))).status).toBe(200);
  await expect.poll(open, { timeout: 20_000 }).toBe(WATCHERS);

  const owner = await pool.backEnd.findCredentials({ user: 'famous', domain: DOMAIN });
  const rules = Array.from({ length: 10_000 }, (_, index) => {
    const level = index % 2 === 0 ? ('blocked' as const) : ('public' as const);
    return { subject: { scope: 'user' as const, user: `fan${index}`, domain: DOMAIN }, level };
  });
  const begun = performance.now();
  const { accountId, credentialVersion } = owner!;
  const replaced = pool.backEnd.replaceAccessRules({ accountId, credentialVersion, rules });
  expect(await served()).toBeLessThan(5000);
  expect(await replaced).toMatchObject({ outcome: 'changed' });
  await expect.poll(open, { timeout: 20_000 }).toBe(WATCHERS / 2);
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect([isOpen.get('fan0'), isOpen.get('fan1')]).toEqual([false, true]);
}, 90_000);
