import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBackEnd } from '@rollcall/back-end';
import { type LocalDatabase, startLocalDatabase } from '@rollcall/local-database';
import pg from 'pg';
import { runMany } from '../load/run-many.ts';
import { passwordOf } from '../relay/accounts.ts';
import { type FrontEndServer, loadRollcall, startRollcall } from '../servers/rollcall.ts';
import { contactsOf, DOMAIN, nameOf } from './user.ts';

/** Two front ends, and accounts with contacts. */
export interface StormPool {
  readonly frontEnds: readonly FrontEndServer[];
  readonly database: LocalDatabase;
  stop(): Promise<void>;
}

export async function openPool(users: number, contacts: number): Promise<StormPool> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-storm-'));
  const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
  const frontEnds: FrontEndServer[] = [];
  const stop = async () => {
    for (const frontEnd of frontEnds) await frontEnd.stop();
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const names = Array.from({ length: users }, (_, index) => nameOf(index));
    await loadRollcall(database.url, DOMAIN, names, passwordOf);
    await addContacts(database.url, users, contacts);
    for (let started = 0; started < 2; started++) frontEnds.push(await startRollcall(database.url, DOMAIN));
    return { frontEnds, database, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function addContacts(databaseUrl: string, users: number, contacts: number): Promise<void> {
  const backEnd = await openBackEnd({ databaseUrl });
  await runMany(
    Array.from({ length: users }, (_, index) => index),
    8,
    async (index) => {
      const account = await backEnd.findCredentials({ user: nameOf(index), domain: DOMAIN });
      if (!account) throw new Error(`${nameOf(index)} is unknown`);
      const list = contactsOf(index, users, contacts).map((contact) => ({ user: nameOf(contact), domain: DOMAIN }));
      const { accountId, credentialVersion } = account;
      const { outcome } = await backEnd.changeContacts({ accountId, credentialVersion, replace: true, contacts: list });
      if (outcome !== 'changed') throw new Error(`contacts of ${nameOf(index)}: ${outcome}`);
    },
  );
  await backEnd.close();
  // Else autovacuum does so during the storm.
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
}
