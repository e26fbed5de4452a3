import { createTestDatabase, type TestDatabase } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain, runPresenceChaos } from '../../bench/chaos/presence/run.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database?.drop());

// The short form of `npm run bench -- chaos-presence`. Other steps in each run: in time every order of them is met.
test('whatever moment a front end is killed or hangs at, every watcher is told in the end what the rules and publications say', async () => {
  const seed = Date.now() % 1_000_000;
  const result = await runPresenceChaos({
    ...{ adminUrl: database.url, databaseUrl: database.frontEndUrl, query: database.query },
    ...{ domains: ['pool.test', 'other.test'], accounts: 12, seed, rounds: 2, seconds: 8, killEvery: 2 },
  });
  expect(result.broken, `seed ${seed}:\n${explain(result)}`).toEqual([]);
  expect(result.kills + result.hangs + result.cuts).toBeGreaterThan(1);
  expect(result.compared).toBeGreaterThan(30);
  expect(result.notifications).toBeGreaterThan(500);
}, 120_000);
