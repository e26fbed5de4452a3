import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChaos } from '../../bench/chaos/messages.ts';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

const PER_SECOND = 200;
const SECONDS = 8;

let pool: FrontEndPool;

beforeAll(async () => {
  // Its own front end only makes the accounts.
  pool = await startFrontEndPool();
});

afterAll(() => pool?.stop());

// The short form of `npm run bench -- chaos`. Another moment in each run: in time every one is met.
test('whatever moment a front end is killed at, a message is with its receiver once, or its sender has no 2xx', async () => {
  const names = Array.from({ length: 30 }, (_, index) => index);
  const pairs = await Promise.all(
    names.map(async (index) => ({
      from: await pool.addAccount(`from${index}`),
      to: await pool.addAccount(`to${index}`),
    })),
  );
  const { kills, sent, counts, broken } = await runChaos({
    ...{ databaseUrl: pool.databaseUrl, domain: DOMAIN, pairs },
    ...{ frontEnds: 3, perSecond: PER_SECOND, seconds: SECONDS, killEvery: 3 },
  });
  expect(broken, JSON.stringify(counts)).toEqual([]);
  expect(kills).toBeGreaterThan(0);
  const promised = (counts[200] ?? 0) + (counts[202] ?? 0);
  expect(promised, JSON.stringify(counts)).toBeGreaterThan(sent * 0.8);
}, 120_000);
