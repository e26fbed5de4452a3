import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MessageLedger } from '../../bench/load/message-ledger.ts';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type FrontEndProcess, startFrontEndProcess } from '../front-end-processes.ts';
import { RoamingPhone } from './roaming-phone.ts';

const PAIRS = 30;
const PER_SECOND = 200;
const SECONDS = 6;

let pool: FrontEndPool;
let processes: FrontEndProcess[] = [];
const ledger = new MessageLedger();
const phones: RoamingPhone[] = [];

beforeAll(async () => {
  // Its own front end only makes the accounts.
  pool = await startFrontEndPool();
  const options = { databaseUrl: pool.databaseUrl, domain: DOMAIN };
  processes = await Promise.all([0, 1, 2].map(() => startFrontEndProcess(options)));
});

afterAll(async () => {
  for (const phone of phones) await phone.close();
  for (const one of processes) await one.stop();
  await pool?.stop();
});

test('whatever moment a front end is killed at, a message is with its receiver once, or its sender has no 2xx', async () => {
  const places = () => processes.filter(({ child }) => child.signalCode === null).map(({ addresses }) => addresses.tcp);
  const senders: RoamingPhone[] = [];
  const receivers: string[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const [from, to] = [await pool.addAccount(`from${pair}`), await pool.addAccount(`to${pair}`)];
    senders.push(await RoamingPhone.open(from, places, pair));
    phones.push(
      senders.at(-1)!,
      await RoamingPhone.open(to, places, Math.floor(pair / 3), ({ method, body }) => {
        if (method === 'MESSAGE') ledger.received(body);
      }),
    );
    receivers.push(`sip:${to.user}@${DOMAIN}`);
  }

  const sending: Promise<void>[] = [];
  const started = Date.now();
  // Another moment in each run: in time every one is met.
  const killAt = (SECONDS / 3) * (1 + Math.random()) * 1000;
  let killed: Promise<void> | undefined;
  for (let sent = 0; sent < PER_SECOND * SECONDS; ) {
    const elapsed = Date.now() - started;
    if (!killed && elapsed > killAt) killed = processes[1]!.kill();
    for (; sent < (elapsed / 1000) * PER_SECOND; sent++) {
      const id = `message ${sent}`;
      const answered = senders[sent % PAIRS]!.message(receivers[(sent * 7) % PAIRS]!, id);
      sending.push(
        answered.then(
          ({ status }) => ledger.told(id, status),
          () => {}, // nothing was promised
        ),
      );
    }
    await sleep(5);
  }
  await killed;
  await Promise.all(sending);
  await expect.poll(() => ledger.waiting(), { timeout: 30_000 }).toEqual([]);
  expect(ledger.broken()).toEqual([]);
  const counts = ledger.counts();
  const promised = (counts[200] ?? 0) + (counts[202] ?? 0);
  expect(promised, JSON.stringify(counts)).toBeGreaterThan(PER_SECOND * SECONDS * 0.5);
}, 90_000);
