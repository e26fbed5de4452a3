import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalDatabase, startLocalDatabase } from '@rollcall/local-database';
import pg from 'pg';
import { passwordOf } from '../relay/accounts.ts';
import { kamailioVersion, loadKamailio } from '../servers/kamailio.ts';
import { hasKamailioPresence, type PresenceStore, startKamailioPresence } from '../servers/kamailio-presence.ts';
import { loadRollcall, startRollcall } from '../servers/rollcall.ts';
import type { Server } from '../servers/server.ts';
import { openPublisher, type Publisher } from './publisher.ts';
import { startWatchers, type Watchers, type WatchersOptions } from './start-watchers.ts';

const DOMAIN = 'pool.test';

/** A server, somebody who publishes there, and those who watch. */
export interface Contestant {
  server: 'Rollcall' | 'Kamailio';
  /** Where its watchers are, or where it keeps what it knows. */
  form: 'one front end' | 'two front ends' | PresenceStore;
  publisher: Publisher;
  watchers: readonly Watchers[];
  /** First processes of the server. */
  processes: readonly number[];
}

/** The servers on one PostgreSQL, with watchers that have had their first NOTIFY. */
export interface Arena {
  readonly contestants: readonly Contestant[];
  readonly database: LocalDatabase;
  readonly kamailio: string | undefined;
  stop(): Promise<void>;
}

export interface ArenaOptions {
  /** Of each contestant. */
  watchers: number;
  peers: readonly PresenceStore[];
}

export async function openArena({ watchers, peers }: ArenaOptions): Promise<Arena> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-presence-'));
  const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
  const contestants: Contestant[] = [];
  const open: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of open.toReversed()) await close();
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const opened = <One extends { stop(): unknown }>(one: One): One => {
    open.push(() => one.stop());
    return one;
  };
  const watch = async (options: WatchersOptions) => opened(await startWatchers(options));
  const publisher = async (target: string, user: string) => opened(await openPublisher(target, user));

  const rollcall = async () => {
    const half = Math.ceil(watchers / 2);
    const groups = { one: watchers, near: half, far: watchers - half };
    const names = Object.entries(groups).flatMap(([prefix, count]) => namesOf(prefix, count));
    await loadRollcall(database.url, DOMAIN, ['star-one', 'star-two', ...names], passwordOf);
    await vacuum(database.url);
    const first = opened(await startRollcall(database.url, DOMAIN));
    const second = opened(await startRollcall(database.url, DOMAIN));
    const register = true;
    const at = (prefix: keyof typeof groups, user: string, { addresses }: typeof first) =>
      watch({ target: addresses.udp, user, count: groups[prefix], prefix, register });
    contestants.push({
      ...{ server: 'Rollcall', form: 'one front end', processes: [first.process] },
      publisher: await publisher(first.addresses.tcp, 'star-one'),
      watchers: [await at('one', 'star-one', first)],
    });
    contestants.push({
      ...{ server: 'Rollcall', form: 'two front ends', processes: [first.process, second.process] },
      publisher: await publisher(first.addresses.tcp, 'star-two'),
      watchers: [await at('near', 'star-two', first), await at('far', 'star-two', second)],
    });
  };

  const kamailio = async (store: PresenceStore, port: number) => {
    const url = await loadKamailio({ databaseUrl: database.url, users: [], database: `kamailio_${store}` });
    const { target, process: processId }: Server = opened(await startKamailioPresence(url, store, port));
    contestants.push({
      ...{ server: 'Kamailio', form: store, processes: [processId] },
      publisher: await publisher(target, 'star'),
      watchers: [await watch({ target, user: 'star', count: watchers, prefix: store, register: false })],
    });
  };

  try {
    await rollcall();
    const version = hasKamailioPresence() ? kamailioVersion() : undefined;
    for (const [index, store] of (version ? peers : []).entries()) await kamailio(store, 5080 + 2 * index);
    return { contestants, database, kamailio: version, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function namesOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

/** Else autovacuum does so during the first measurement. */
async function vacuum(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
}
