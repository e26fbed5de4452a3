import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BackEnd, openBackEnd } from '../../../packages/back-end/src/index.ts';
import { at, contact, DOMAIN, type Fixture, HA1, openFixture, presentedRequest, proof, request } from '../fixture.ts';

const ACCOUNTS = 10_000;
const BATCH = 100;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

interface Reads {
  relname: string;
  seq_tup_read: string;
  idx_tup_fetch: string;
}

it('reads a few rows by index for each request, with plans made while the tables were empty, and when full, never analyzed', async () => {
  await fixture.database.query('alter table data.account set (autovacuum_enabled = off)');
  await fixture.database.query('alter table data.endpoint set (autovacuum_enabled = off)');
  await fixture.database.query('alter table data.credential set (autovacuum_enabled = off)');
  // One connection, and so one set of plans.
  const backEnd = await openBackEnd({ databaseUrl: fixture.database.url, connections: 1 });
  const names = new Map<number, string>();
  // By turns verified before and proven.
  const registration = (accountId: number, round: number) => {
    const changes = {
      cseq: round,
      nonce: { id: BigInt(round), count: 1 },
      changes: [contact(`phone-${accountId}`), contact(`desk-${accountId}`, { expires: round % 2 ? 600 : 0 })],
    };
    const isProven = (Math.floor(accountId / 2) + round) % 2 === 0;
    return isProven
      ? presentedRequest(proof({ user: names.get(accountId)! }), changes)
      : request({ accountId }, changes);
  };
  const all = (round: number, ids: number[], backEnd: BackEnd) =>
    Promise.all([
      ...ids.map((accountId) => backEnd.register(registration(accountId, round))),
      ...ids.map((id) => backEnd.findCredentials({ user: names.get(id)!, domain: DOMAIN })),
      backEnd.removeExpiredEndpoints({ now: at(0) }),
    ]);
  const first = await fixture.addAccount();
  names.set(first.accountId, first.user);
  for (let round = 1; round <= 10; round++) await all(round, [first.accountId], backEnd);

  const users = Array.from({ length: ACCOUNTS }, (_, index) => ({ user: `many-${index}`, domain: DOMAIN, ha1: HA1 }));
  for (let start = 0; start < ACCOUNTS; start += 1_000)
    await fixture.backEnd.importAccounts(users.slice(start, start + 1_000));
  const listed = await fixture.backEnd.listAccounts({ after: first.accountId, limit: ACCOUNTS });
  const ids = listed.map(({ id }) => id);
  for (const { id, user } of listed) names.set(id, user);
  for (let start = 0; start < ACCOUNTS; start += 1_000) await all(11, ids.slice(start, start + 1_000), backEnd);

  const batch = ids.filter((_, index) => index % (ACCOUNTS / BATCH) === 0);
  expect(batch).toHaveLength(BATCH);
  const later = await openBackEnd({ databaseUrl: fixture.database.url, connections: 1 });
  for (const [at, one] of [backEnd, later].entries()) {
    await flush(one);
    const before = await reads();
    await all(12 + at, batch, one);
    await flush(one);
    const after = await reads();
    for (const [index, { relname, seq_tup_read, idx_tup_fetch }] of after.entries()) {
      expect(Number(seq_tup_read) - Number(before[index]?.seq_tup_read), `${relname} read in sequence`).toBe(0);
      const fetched = Number(idx_tup_fetch) - Number(before[index]?.idx_tup_fetch);
      expect(fetched, `${relname} read by index`).toBeGreaterThanOrEqual(BATCH);
      expect(fetched, `${relname} read by index`).toBeLessThan(BATCH * 12);
    }
    await one.close();
  }
});

const reads = () =>
  fixture.database.query<Reads>(`
    select relname, seq_tup_read, idx_tup_fetch from pg_stat_user_tables
    where relname in ('account', 'endpoint', 'credential') order by relname`);

/** A session reports its counts when it has been idle for a second. */
async function flush(backEnd: Fixture['backEnd']): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await backEnd.listDomains();
  await fixture.database.query('select pg_stat_clear_snapshot()');
}
