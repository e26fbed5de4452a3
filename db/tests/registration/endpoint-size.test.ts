import { afterAll, beforeAll, expect, it } from 'vitest';
import { importBenchAccounts, refreshAll } from '../../../bench/load/back-end.ts';
import { type BackEnd, openBackEnd } from '../../../packages/back-end/src/index.ts';
import { createTestDatabase, type TestDatabase } from '../../../packages/test-kit/src/index.ts';
import { at } from '../fixture.ts';

const ACCOUNTS = 3_000;

let database: TestDatabase;
let backEnd: BackEnd;
beforeAll(async () => {
  database = await createTestDatabase();
  backEnd = await openBackEnd({ databaseUrl: database.url });
});
afterAll(async () => {
  await backEnd.close();
  await database.drop();
});

it('stays flat over ten rounds of refreshes, which are HOT updates, without any vacuum', async () => {
  await database.query('alter table data.endpoint set (autovacuum_enabled = off)');
  await importBenchAccounts(backEnd, ACCOUNTS);
  await refreshAll(backEnd, ACCOUNTS, 0, at(0));
  const first = await size();
  for (let round = 1; round <= 10; round++) await refreshAll(backEnd, ACCOUNTS, round, at(round));
  expect(await size()).toBe(first);
  // 150 MB for 100,000 endpoints.
  expect(first / ACCOUNTS).toBeLessThan(1_500);
});

async function size(): Promise<number> {
  const [row] = await database.query<{ bytes: number }>("select pg_total_relation_size('data.endpoint')::int as bytes");
  return row!.bytes;
}
