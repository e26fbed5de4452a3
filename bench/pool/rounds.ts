import { setTimeout as sleep } from 'node:timers/promises';
import { runMany } from '../load/run-many.ts';
import { PoolClient } from './client.ts';
import type { ListedFrontEnd, LocalPool } from './local-pool.ts';

export interface Spread {
  /** Connections of each front end. */
  connections: number[];
  /** The largest distance from an even spread, 0 to 1. */
  deviation: number;
}

/** Clients u1, u2, ... connect to the VIP and register, `concurrency` at a time. */
export async function registerClients(pool: LocalPool, count: number, concurrency = 200): Promise<PoolClient[]> {
  const clients = Array.from({ length: count }, (_, index) => new PoolClient(`u${index + 1}`, pool.addresses.tcp));
  await runMany(clients, concurrency, (client) => client.register());
  return clients;
}

/** As `rollcall front-ends` tells it, once it has counted `count` connections. */
export async function readSpread(pool: LocalPool, count: number): Promise<Spread> {
  const connections = await until(10_000, async () => {
    const counts = (await pool.frontEnds()).map((frontEnd) => frontEnd.connections);
    return counts.reduce((sum, one) => sum + one, 0) === count ? counts : undefined;
  });
  const even = count / connections.length;
  return { connections, deviation: Math.max(...connections.map((one) => Math.abs(one - even) / even)) };
}

export interface Death {
  /** Clients whose connection ended. */
  lost: number;
  /** Clients that came back and are registered again. */
  back: number;
  /** From its reconnect to its registration, the slowest client, ms. */
  slowestReturn: number;
  /** From the kill until nobody was listed on a connection to the dead front end, ms. */
  listRight: number;
  /** From the kill until all who come back were listed again, and nobody else, ms. */
  allBack: number;
  failures: string[];
}

/** kill -9 of a front end. A tenth of its clients stay away. */
export async function killOne(pool: LocalPool, clients: readonly PoolClient[], victim: ListedFrontEnd): Promise<Death> {
  for (const [index, client] of clients.entries()) client.staysAway = index % 10 === 0;
  const lostBefore = clients.map((client) => client.lost);
  const killed = performance.now();
  process.kill(victim.pid, 'SIGKILL');

  const isLost = (client: PoolClient, index: number) => client.lost > lostBefore[index]!;
  let lost: PoolClient[] = [];
  let listRight = 0;
  const allBack = await until(60_000, async () => {
    lost = clients.filter(isLost);
    const away = lost.filter((client) => client.staysAway).length;
    const back = lost.every((client) => client.staysAway || client.registeredAt > killed);
    // Its row goes in the transaction that removes the last of its endpoints. What comes later than the question cannot
    // make an earlier list right, so the question's time counts.
    const asked = performance.now();
    const frontEnds = await pool.backEnd.listFrontEnds();
    const gone = !frontEnds.some(({ id }) => id === victim.id);
    if (gone) listRight ||= asked - killed;
    const listed = frontEnds.reduce((sum, one) => sum + one.endpoints, 0);
    return back && gone && listed === clients.length - away ? asked - killed : undefined;
  });
  const returned = lost.filter((client) => !client.staysAway);
  return {
    lost: lost.length,
    back: returned.length,
    slowestReturn: Math.max(0, ...returned.map((client) => client.registeredAt - client.connectedAt)),
    listRight,
    allBack,
    failures: clients.flatMap((client) => client.failures),
  };
}

export interface RollingRestart {
  registrations: number;
  retries: number;
  failures: string[];
  seconds: number;
}

/** SIGTERM to one front end after the other while the clients go on registering, `rate` a second. */
export async function restartAll(
  pool: LocalPool,
  clients: readonly PoolClient[],
  rate: number,
): Promise<RollingRestart> {
  const started = performance.now();
  const retriesBefore = clients.reduce((sum, client) => sum + client.retries, 0);
  const underWay = new Set<Promise<void>>();
  let registrations = 0;
  let restarting = true;
  const load = (async () => {
    for (; restarting; registrations += 1) {
      const registration = clients[registrations % clients.length]!.register();
      underWay.add(registration);
      void registration.finally(() => underWay.delete(registration));
      const due = started + ((registrations + 1) * 1000) / rate;
      if (due > performance.now()) await sleep(due - performance.now());
    }
  })();
  for (const { id, pid } of await pool.frontEnds()) {
    const count = (await pool.backEnd.listFrontEnds()).length;
    process.kill(pid, 'SIGTERM');
    await until(60_000, async () => {
      const now = await pool.backEnd.listFrontEnds();
      const serving = now.filter(({ state }) => state === 'serving');
      return !now.some((one) => one.id === id) && serving.length === count ? true : undefined;
    });
    await sleep(1000); // as an operator who looks whether it serves
  }
  restarting = false;
  await load;
  await Promise.all(underWay);
  return {
    registrations,
    retries: clients.reduce((sum, client) => sum + client.retries, 0) - retriesBefore,
    failures: clients.flatMap((client) => client.failures),
    seconds: (performance.now() - started) / 1000,
  };
}

async function until<T>(milliseconds: number, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not so after ${milliseconds} ms`);
    await sleep(50);
  }
}
