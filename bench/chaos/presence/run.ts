import { setTimeout as sleep } from 'node:timers/promises';
import { makeBus, openBackEnd } from '@rollcall/back-end';
import { openUnsteadyDatabase } from '@rollcall/test-kit';
import { type FrontEndServer, startRollcall } from '../../servers/rollcall.ts';
import { addPlayer } from './add-player.ts';
import { compare } from './compare.ts';
import { PresenceLedger } from './ledger.ts';
import { PresenceModel } from './model.ts';
import type { PresencePhone } from './phone.ts';
import { Chance } from './random.ts';
import type { Query } from './rows.ts';
import { changeSilently } from './rule-steps.ts';
import type { Player, Pool, Stage } from './stage.ts';
import { takeStep } from './steps.ts';
import { StreamWatcher } from './stream-watcher.ts';
import { trouble } from './trouble.ts';

export interface PresenceChaosOptions {
  /** Of the database's owner. */
  adminUrl: string;
  /** With the name and password of the front ends. */
  databaseUrl: string;
  /** Rows as objects, as the database's owner. */
  query: Query;
  /** They are made; front ends are of the first. */
  domains: readonly [string, string];
  accounts: number;
  /** Of the steps; what comes between them differs from run to run. */
  seed: number;
  /** Each ends with a quiet time in which everything is compared. */
  rounds: number;
  /** Of a round. */
  seconds: number;
  /**
   * Seconds between troubles, on average: a front end is killed, and started anew a second later; or hangs for 1 to 5 s; or all lose
   * their connections to the database.
   */
  killEvery: number;
  progress?(text: string): void;
}

export interface PresenceChaosResult {
  kills: number;
  /** Times that a front end was stopped for a while (SIGSTOP). */
  hangs: number;
  /** Times that all front ends have lost their connections to the database. */
  cuts: number;
  steps: number;
  notifications: number;
  /** Of HTTP streams. */
  events: number;
  /** Subscriptions that were compared, and answers to fetches. */
  compared: number;
  broken: string[];
  /** What each account did, in the order in which it was done. */
  trace: string[];
}

/** What is broken, and what the accounts that it names did. */
export function explain({ broken, trace }: PresenceChaosResult): string {
  const names = new Set(broken.flatMap((line) => line.match(/u\d+@[\w.]+/g) ?? []));
  const told = trace.filter(
    (line) => /^round|killed|hangs|cut/.test(line) || [...names].some((name) => line.includes(` ${name} `)),
  );
  return [...broken, '', ...told.slice(-400)].join('\n');
}

/** In which it has not yet answered everything. */
const HUNG_LATELY_MS = 2000;

/** Accounts publish, watch each other and change their rules across two front ends that are killed (-9) one after the other. */
export async function runPresenceChaos(options: PresenceChaosOptions): Promise<PresenceChaosResult> {
  const { databaseUrl, adminUrl, domains, rounds, progress } = options;
  const unsteady = await openUnsteadyDatabase(databaseUrl);
  const start = () => startRollcall({ frontEndUrl: unsteady.url }, domains[0], { flags: ['--min-expires', '1'] });
  const backEnd = await openBackEnd({ databaseUrl: adminUrl, connections: 4 });
  const bus = makeBus({ databaseUrl: adminUrl });
  await bus.start();
  for (const domain of domains) await backEnd.createDomain(domain);
  const frontEnds: FrontEndServer[] = await Promise.all([start(), start()]);
  const hang = { until: Number.NEGATIVE_INFINITY };
  const pool: Pool = {
    places: (listener) => frontEnds.filter(({ alive }) => alive).map(({ addresses }) => addresses[listener]),
    someHung: () => performance.now() < hang.until + HUNG_LATELY_MS,
  };
  let count = 0;
  const stage = {
    ...{ names: [] as string[], aliases: [] as string[], domains, model: new PresenceModel(), backEnd },
    tell: (accountIds: readonly number[]) => bus.publish('presence', accountIds.map(String)),
    ...{
      ledger: new PresenceLedger(),
      phones: new Map<string, readonly PresencePhone[]>(),
      streams: [] as StreamWatcher[],
      lost: new Set<string>(),
      hang,
      count: () => ++count,
    },
  };
  const players: Player[] = [];
  const result: PresenceChaosResult = {
    ...{
      kills: 0,
      hangs: 0,
      cuts: 0,
      steps: 0,
      notifications: 0,
      events: 0,
      compared: 0,
      broken: stage.ledger.broken,
      trace: [],
    },
  };
  try {
    for (let n = 0; n < options.accounts; n++) {
      const player = await addPlayer(stage, n, options.seed, pool);
      players.push(player);
      stage.phones.set(player.name, player.phones);
      if (n % 3 === 0) stage.streams.push(new StreamWatcher(player.phones[0]!.account, pool, n));
    }
    for (const stream of stage.streams) stream.open();
    for (let round = 1; round <= rounds && stage.ledger.broken.length === 0; round++) {
      result.trace.push(`round ${round}`);
      await Promise.all([
        ...players.map((player) => play(stage, player, options.seconds, result)),
        trouble({ frontEnds, start, unsteady, hang }, new Chance(options.seed + round), options, result),
      ]);
      for (const player of players) result.trace.push(`silently ${player.name} ${await changeSilently(stage, player)}`);
      await compare(stage, players, options.query, result);
      for (const { alive, errors } of frontEnds) {
        const strange = errors.filter((line) => !line.includes('BackEndUnavailableError'));
        if (!alive || strange.length > 0) {
          stage.ledger.broken.push(`a front end ${alive ? 'lives' : 'has ended'}: ${strange.slice(-5).join('; ')}`);
        }
      }
      result.notifications = stage.ledger.notifications;
      result.events = stage.streams.reduce((sum, { events }) => sum + events, 0);
      progress?.(
        `round ${round}: ${result.steps} steps, ${result.kills} kills, ${result.hangs} hangs, ${result.cuts} cuts, ${result.notifications} notifications, ${result.events} events, ` +
          `${result.compared} compared, ${stage.ledger.broken.length} broken`,
      );
    }
    return result;
  } finally {
    for (const stream of stage.streams) await stream.close();
    for (const { phones } of players) for (const phone of phones) await phone.close().catch(() => {});
    for (const one of frontEnds) await one.stop();
    await unsteady.close();
    await bus.close();
    await backEnd.close();
  }
}

async function play(stage: Stage, player: Player, seconds: number, result: PresenceChaosResult): Promise<void> {
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const step = takeStep(stage, player).catch((error) => {
      stage.ledger.broken.push(`${player.name}: ${error}`);
      return `${player.name}: ${error}`;
    });
    result.trace.push(`${Math.round(performance.now())} ${await step}`);
    result.steps += 1;
    await sleep(player.chance.between(0, 250));
  }
}
