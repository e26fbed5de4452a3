import { setTimeout as sleep } from 'node:timers/promises';
import type { SipAccount } from '@rollcall/test-kit';
import { type FrontEndServer, startRollcall } from '../servers/rollcall.ts';
import { MessageLedger } from './message-ledger.ts';
import { RoamingPhone } from './roaming-phone.ts';

export interface ChaosOptions {
  /** With the name and password of the front ends. */
  databaseUrl: string;
  domain: string;
  /** Pairs of a sender and a receiver, at most as many as there are. */
  pairs: readonly { from: SipAccount; to: SipAccount }[];
  frontEnds: number;
  perSecond: number;
  seconds: number;
  /** Seconds between kills, on average; a killed front end is started anew a second later. */
  killEvery: number;
  random?: () => number;
  progress?(text: string): void;
}

export interface ChaosResult {
  kills: number;
  sent: number;
  /** Messages by what their senders were told, and `received`. */
  counts: Record<string, number>;
  /** Messages that were promised and are not with their receiver exactly once. */
  broken: string[];
}

/** How long what was promised may take to arrive, once the front ends are left in peace, ms. */
const ARRIVAL_MS = 60_000;

/**
 * Sends messages across a pool whose front ends are killed (-9) one after the other, while its phones come back at those that
 * live; and keeps account of what senders were promised and receivers have got.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { databaseUrl, domain, pairs, perSecond, seconds, killEvery, random = Math.random, progress } = options;
  const start = () => startRollcall({ frontEndUrl: databaseUrl }, domain);
  const frontEnds: FrontEndServer[] = await Promise.all(Array.from({ length: options.frontEnds }, start));
  const ledger = new MessageLedger();
  const phones: RoamingPhone[] = [];
  try {
    const places = () => frontEnds.filter(({ alive }) => alive).map(({ addresses }) => addresses.tcp);
    const senders: RoamingPhone[] = [];
    for (const [index, { from, to }] of pairs.entries()) {
      const receiver = await RoamingPhone.open(to, places, index + 1, ({ method, body }) => {
        if (method === 'MESSAGE') ledger.received(body);
      });
      senders.push(await RoamingPhone.open(from, places, index));
      phones.push(receiver, senders.at(-1)!);
    }

    const sending: Promise<void>[] = [];
    let [kills, sent, killing] = [0, 0, Promise.resolve()];
    let nextKill = killEvery * (0.5 + random());
    const started = performance.now();
    for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - started) / 1000) {
      if (elapsed > nextKill && elapsed < seconds - 1) {
        nextKill = elapsed + killEvery * (0.5 + random());
        const at = Math.floor(random() * frontEnds.length);
        kills += 1;
        killing = killing.then(() => replace(frontEnds, at, start));
        progress?.(`${Math.round(elapsed)} s: ${sent} sent, front end ${at + 1} killed (${kills})`);
      }
      for (; sent < elapsed * perSecond; sent++) {
        const id = `message ${sent}`;
        const to = pairs[(sent * 7) % pairs.length]!.to;
        const answered = senders[sent % senders.length]!.message(`sip:${to.user}@${domain}`, id);
        sending.push(
          answered.then(
            ({ status }) => ledger.told(id, status),
            () => {}, // nothing was promised
          ),
        );
      }
      await sleep(5);
    }
    await killing;
    await Promise.all(sending);
    for (let waited = 0; ledger.waiting().length > 0 && waited < ARRIVAL_MS; waited += 100) await sleep(100);
    return { kills, sent, counts: ledger.counts(), broken: ledger.broken() };
  } finally {
    for (const phone of phones) await phone.close().catch(() => {});
    for (const one of frontEnds) await one.stop();
  }
}

async function replace(frontEnds: FrontEndServer[], at: number, start: () => Promise<FrontEndServer>): Promise<void> {
  await frontEnds[at]!.kill();
  await sleep(1000);
  frontEnds[at] = await start();
}
