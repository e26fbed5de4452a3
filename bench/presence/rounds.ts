import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../measure/cpu.ts';
import type { Arena, Contestant } from './contestants.ts';

/** Seconds: what has not come to the last watcher by then has failed. UDP sends again for 32 s. */
const WAIT = 40;

/** What one contestant did, over all its turns. */
export interface Measured {
  contestant: Contestant;
  publications: number;
  /** Watchers that had to be told, summed up over the publications. */
  told: number;
  /** NOTIFYs that came, each once: fewer, when a watcher skips a state, or more, when it is told of one twice. */
  notifications: number;
  retransmissions: number;
  outOfOrder: number;
  /** From each PUBLISH to its last NOTIFY, summed up. */
  seconds: number;
  /** ms, of each publication. */
  times: number[];
  /** The server, and PostgreSQL for it. */
  serverSeconds: number;
  databaseSeconds: number;
}

export interface RoundsOptions {
  /** Of each contestant. */
  publications: number;
  turns: number;
}

/** One after another; each waits until every watcher has been told. The contestants take turns, every other time in the opposite order. */
export async function measureInTurns(arena: Arena, { publications, turns }: RoundsOptions): Promise<Measured[]> {
  const all = arena.contestants.map(nothing);
  // V8 compiles what is used often, and PostgreSQL plans.
  for (const one of all) await publish(one.contestant, Math.min(10, publications));
  for (let turn = 0; turn < turns; turn++) {
    for (const one of turn % 2 ? all.toReversed() : all) {
      await measure(arena, one, async () => {
        const times = await publish(one.contestant, Math.ceil(publications / turns));
        one.times.push(...times);
        one.publications += times.length;
        one.seconds += times.reduce((sum, time) => sum + time, 0) / 1000;
      });
    }
  }
  return all;
}

/** As presence-fanout.sh: each PUBLISH is one of its own, and waits for the answer to the one before alone. */
export async function measurePlain(arena: Arena, publications: number): Promise<Measured[]> {
  const all = arena.contestants.map(nothing);
  for (const one of all) {
    const { publisher } = one.contestant;
    await measure(arena, one, async () => {
      const first = await publisher.publish('initial');
      let last = first;
      for (let sent = 1; sent < publications; sent++) last = await publisher.publish('initial');
      const end = await quiet(one.contestant);
      one.publications = publications;
      one.seconds = (end - first.at) / 1000;
      one.times.push(end - last.at);
    });
  }
  return all;
}

function nothing(contestant: Contestant): Measured {
  const counts = { publications: 0, told: 0, notifications: 0, retransmissions: 0, outOfOrder: 0 };
  return { contestant, ...counts, seconds: 0, times: [], serverSeconds: 0, databaseSeconds: 0 };
}

async function publish({ publisher, watchers }: Contestant, count: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) {
    const { state, at } = await publisher.publish();
    const ends = await Promise.all(watchers.map((group) => group.told(state, WAIT)));
    times.push(Math.max(...ends) - at);
  }
  return times;
}

/** Kamailio's watchers may end with another state than the last: its publications are as old as the second. @returns when the last NOTIFY came */
async function quiet(contestant: Contestant): Promise<number> {
  for (let before = -1; ; ) {
    const { notifications, lastAt } = await counts(contestant);
    if (notifications === before) return lastAt;
    before = notifications;
    await sleep(1000);
  }
}

/** Adds to `one` what is used while `work` is done. */
async function measure({ database }: Arena, one: Measured, work: () => Promise<void>): Promise<void> {
  const { processes, watchers } = one.contestant;
  const roots = [processes, [database.processId]];
  const publications = one.publications;
  const countsBefore = await counts(one.contestant);
  const [serverBefore, databaseBefore] = roots.map(cpuSeconds);
  await work();
  const [serverAfter, databaseAfter] = roots.map(cpuSeconds);
  const countsAfter = await counts(one.contestant);
  one.told += (one.publications - publications) * watchers.reduce((sum, group) => sum + group.count, 0);
  one.serverSeconds += serverAfter! - serverBefore!;
  one.databaseSeconds += databaseAfter! - databaseBefore!;
  one.notifications += countsAfter.notifications - countsBefore.notifications;
  one.retransmissions += countsAfter.retransmissions - countsBefore.retransmissions;
  one.outOfOrder += countsAfter.outOfOrder - countsBefore.outOfOrder;
}

async function counts({ watchers }: Contestant) {
  const all = await Promise.all(watchers.map((group) => group.counts()));
  const sum = (pick: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + pick(one), 0);
  return {
    notifications: sum((one) => one.notifications),
    retransmissions: sum((one) => one.retransmissions),
    outOfOrder: sum((one) => one.outOfOrder),
    lastAt: Math.max(...all.map((one) => one.lastAt)),
  };
}
