import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importBenchAccounts, refreshAll } from '../../../bench/load/back-end.ts';
import { type BackEnd, deploy, openBackEnd } from '../../../packages/back-end/src/index.ts';
import { type LocalDatabase, startLocalDatabase } from '../../../packages/local-database/src/index.ts';
import { at } from '../fixture.ts';

const ACCOUNTS = 3_000;

// A server of its own, where autovacuum is off: its ANALYZE, on a busy machine, holds a snapshot for longer than a round
// takes, and what that snapshot still sees cannot make room for the next refresh.
let folder: string;
let database: LocalDatabase;
let client: pg.Client;
let backEnd: BackEnd;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-endpoint-size-'));
  database = await startLocalDatabase({ folder, settings: { autovacuum: 'off', fsync: 'off' } });
  await deploy({ databaseUrl: database.url });
  client = new pg.Client(database.url);
  await client.connect();
  // One call at a time: a page that two calls have pinned at once is not cleared up, and its next update goes elsewhere.
  backEnd = await openBackEnd({ databaseUrl: database.url, connections: 1 });
});
afterAll(async () => {
  await backEnd?.close();
  await client?.end();
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
});

it('stays flat over ten rounds of refreshes, which are HOT updates, without any vacuum', async () => {
  await importBenchAccounts(backEnd, ACCOUNTS);
  await refreshAll(backEnd, ACCOUNTS, 0, at(0));
  const first = await size();
  for (let round = 1; round <= 10; round++) await refreshAll(backEnd, ACCOUNTS, round, at(round));
  expect(await size()).toBe(first);
  // 150 MB for 100,000 endpoints.
  expect(first / ACCOUNTS).toBeLessThan(1_500);
});

async function size(): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    "select pg_total_relation_size('data.endpoint')::int as bytes",
  );
  return rows[0]!.bytes;
}
