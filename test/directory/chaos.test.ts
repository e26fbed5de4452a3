import { createTestDatabase, type TestDatabase } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDirectoryChaos } from '../../bench/chaos/directory/run.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database?.drop());

// The short form of `npm run bench -- chaos-directory`. Other steps in each run: in time every order of them is met.
test('whatever moment a replicator is killed at, accounts are in the end what the directory says', async () => {
  const seed = Date.now() % 1_000_000;
  const result = await runDirectoryChaos({
    ...{ adminUrl: database.url, databaseUrl: database.replicatorUrl, query: database.query, seed },
    // More than one batch at first.
    ...{ users: 1200, rounds: 10 },
  });
  expect(result.broken, `seed ${seed}:\n${result.trace.slice(-200).join('\n')}`).toEqual([]);
  expect(result.kills + result.cuts).toBe(10);
  expect(result.compared).toBeGreaterThan(10_000);
}, 180_000);
