import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalDatabase, startLocalDatabase } from '@rollcall/local-database';
import { ha1 } from '@rollcall/sip';
import pg from 'pg';
import { type Answerer, startAnswerer } from '../load/start-answerer.ts';
import { type DbMode, kamailioVersion, loadKamailio, startKamailio } from '../servers/kamailio.ts';
import { loadRollcall, startRollcall } from '../servers/rollcall.ts';
import type { Server } from '../servers/server.ts';
import { passwordOf } from './accounts.ts';

const DOMAIN = 'pool.test';
export type Transport = 'UDP' | 'TCP';

/** One way from senders to receivers that is measured. */
export interface Contestant {
  /** A row of the table: the server, and where senders and receivers are. */
  server: 'Rollcall' | 'Kamailio db_mode 3' | 'Kamailio db_mode 2';
  place: 'same front end' | 'two front ends' | 'one node';
  sender: Transport;
  receiver: Transport;
  /** host:port that senders use. */
  target: string;
  /** First processes of the server. */
  processes: readonly number[];
  /** CSV of the receivers' names. */
  receivers: string;
}

/** The servers on one PostgreSQL, with phones registered at each. */
export interface Arena {
  readonly contestants: readonly Contestant[];
  readonly database: LocalDatabase;
  readonly kamailio: string | undefined;
  /** How many phones each list has. */
  readonly receivers: number;
  /** CSV: sender and its credentials. */
  readonly senders: string;
  /** Requests that phones have taken, by method, summed up. */
  stop(): Promise<Record<string, number>>;
}

export interface ArenaOptions {
  receivers: number;
  senders: number;
  /** Kamailio's db_mode values to compare with. */
  peers: readonly DbMode[];
  receiverTransports: readonly Transport[];
}

export async function openArena({ receivers, senders, peers, receiverTransports }: ArenaOptions): Promise<Arena> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-relay-'));
  const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
  const servers: Server[] = [];
  const answerers: Answerer[] = [];
  const contestants: Contestant[] = [];
  const stop = async () => {
    const counts: Record<string, number> = {};
    for (const answerer of answerers) {
      for (const [method, count] of Object.entries(await answerer.stop()))
        counts[method] = (counts[method] ?? 0) + count;
    }
    for (const server of servers) await server.stop();
    await database.stop();
    await rm(folder, { recursive: true, force: true });
    return counts;
  };
  const namesOf = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
  const write = async (name: string, kind: string, lines: readonly string[]) => {
    await writeFile(join(folder, name), `${kind}\n${lines.join('\n')}\n`);
    return join(folder, name);
  };
  const prefixes = receiverTransports.flatMap((transport) => [`near-${transport}-`, `far-${transport}-`]);
  const callers = namesOf('sender', senders);
  const names = [...callers, ...prefixes.flatMap((prefix) => namesOf(prefix.toLowerCase(), receivers))];

  /** Phones at one server, and a row for each way to send to them. */
  const enter = async (
    at: Server,
    to: Server,
    row: Pick<Contestant, 'server' | 'place'>,
    ways: readonly Transport[],
  ) => {
    for (const transport of receiverTransports) {
      const prefix = `${row.place === 'two front ends' ? 'far' : 'near'}-${transport}-`.toLowerCase();
      answerers.push(await startAnswerer({ transport, target: addressOf(to, transport), users: receivers, prefix }));
      const list = await write(`${prefix}.csv`, 'RANDOM', namesOf(prefix, receivers));
      const processes = [...new Set([at.process, to.process])];
      for (const sender of ways) {
        contestants.push({
          ...row,
          sender,
          receiver: transport,
          target: addressOf(at, sender),
          processes,
          receivers: list,
        });
      }
    }
  };

  try {
    await loadRollcall(database.url, DOMAIN, names, passwordOf);
    await vacuum(database.url);
    const first = await startRollcall(database.url, DOMAIN);
    servers.push(first);
    const second = await startRollcall(database.url, DOMAIN);
    servers.push(second);
    await enter(first, first, { server: 'Rollcall', place: 'same front end' }, ['TCP']);
    await enter(first, second, { server: 'Rollcall', place: 'two front ends' }, ['TCP']);
    const kamailio = kamailioVersion();
    if (kamailio && peers.length > 0) {
      const users = names.map((name) => ({ name, ha1: ha1('MD5', name, DOMAIN, passwordOf(name)) }));
      for (const [index, mode] of peers.entries()) {
        const url = await loadKamailio({ databaseUrl: database.url, users, database: `kamailio_${mode}` });
        await vacuum(url);
        const server = await startKamailio(url, mode, 5070 + 2 * index);
        servers.push(server);
        await enter(server, server, { server: `Kamailio db_mode ${mode}` as Contestant['server'], place: 'one node' }, [
          'TCP',
          'UDP',
        ]);
      }
    }
    const credentials = (user: string) => `${user};[authentication username=${user} password=${passwordOf(user)}]`;
    return {
      contestants,
      database,
      kamailio,
      receivers,
      senders: await write('senders.csv', 'SEQUENTIAL', callers.map(credentials)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Rollcall's listeners have ports of their own; Kamailio's target serves UDP and TCP. */
function addressOf(server: Server & { addresses?: { udp: string; tcp: string } }, transport: Transport): string {
  return server.addresses?.[transport === 'UDP' ? 'udp' : 'tcp'] ?? server.target;
}

/** Else autovacuum does so during the first measurement. */
async function vacuum(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
}
