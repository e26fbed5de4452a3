import { existsSync } from 'node:fs';
import pg from 'pg';
import { databaseValue, runKamailio } from './kamailio.ts';
import type { Server } from './server.ts';

/** Where subscriptions and publications are: in the database alone (shared, durable), or in one node's memory. */
export type PresenceStore = 'database' | 'memory';

const STORES: Record<PresenceStore, Record<string, string>> = {
  database: { SUBS_DB_MODE: '3', PUBL_CACHE: '0' },
  memory: { SUBS_DB_MODE: '0', PUBL_CACHE: '2' },
};

const MODULE = '/usr/lib/x86_64-linux-gnu/kamailio/modules/presence_xml.so';

/** False when Debian's kamailio-presence-modules are not there. */
export function hasKamailioPresence(): boolean {
  return existsSync(MODULE);
}

/** Starts Kamailio's presence server without publications and subscriptions. @param url of a database of `loadKamailio` */
export async function startKamailioPresence(url: string, store: PresenceStore, port: number): Promise<Server> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('truncate presentity, active_watchers, watchers');
  await client.end();
  return runKamailio({
    name: `Kamailio, in ${store === 'database' ? 'the database' : 'memory'}`,
    configuration: 'kamailio-presence.cfg',
    port,
    values: { ...STORES[store], DB_URL: databaseValue(url), SERVER_ADDRESS: `"sip:127.0.0.1:${port}"` },
  });
}
