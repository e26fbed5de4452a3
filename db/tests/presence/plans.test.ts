import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BackEnd, openBackEnd } from '../../../packages/back-end/src/index.ts';
import { at, DOMAIN, type Fixture, HA1, openFixture, type TestAccount } from '../fixture.ts';
import { publication, publish, subscribe, subscription } from './fixture.ts';

const ACCOUNTS = 2000;
const WATCHED = 50;
const TABLES = [
  'access_rule',
  'account',
  'endpoint',
  'event_state',
  'presence_check',
  'publication',
  'subscription',
  'watch',
];

let fixture: Fixture;
let accounts: TestAccount[];
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

interface Reads {
  relname: string;
  seq_tup_read: string;
  idx_tup_fetch: string;
}

/** Everyone publishes, and watches somebody, and a list of five (made by hand: the plans are what is looked at). */
async function fill(): Promise<void> {
  const { backEnd, database } = fixture;
  const users = Array.from({ length: ACCOUNTS }, (_, index) => ({ user: `many-${index}`, domain: DOMAIN, ha1: HA1 }));
  for (let start = 0; start < ACCOUNTS; start += 1000) await backEnd.importAccounts(users.slice(start, start + 1000));
  const listed = await backEnd.listAccounts({ limit: ACCOUNTS });
  accounts = listed.map(({ id, user }) => ({ accountId: id, user, domain: DOMAIN }));
  for (let start = 0; start < ACCOUNTS; start += 500)
    await Promise.all(
      accounts.slice(start, start + 500).map(async (account) => {
        await publish(backEnd, publication(account, { open: true }));
        await subscribe(backEnd, subscription(account, accounts[(account.accountId * 7) % ACCOUNTS]!));
        await subscribe(backEnd, subscription(account, account, { isList: true, minInterval: 0 }));
      }),
    );
  await database.query(`
    insert into data.watch (account_id, event, subscriber_id, subscription_id, address, default_level)
    select a.id, 'presence', s.account_id, s.id, 'x@example.org', 'company'
    from data.subscription s
    join data.account a on a.id between (s.account_id * 11) % ${ACCOUNTS - 5} + 1 and (s.account_id * 11) % ${ACCOUNTS - 5} + 5
    where s.is_list`);
}

async function turn(backEnd: BackEnd, some: TestAccount[], seconds: number): Promise<number> {
  const now = at(seconds);
  for (const account of some) await publish(backEnd, publication(account, { open: true, note: `${seconds}` }, { now }));
  const asked = { frontEndId: 1, limit: 100, now };
  let taken = 0;
  for (const accountIds of [some.slice(0, 5), some].map((part) => part.map(({ accountId }) => accountId)))
    for (let more = true; more; ) {
      const outcome = await backEnd.takeNotifications({ ...asked, accountIds });
      more = outcome.more;
      taken += outcome.notifications.length;
    }
  return taken;
}

it('publishes and takes by a few rows by index each, with plans made while the tables were empty, and when full, never analyzed', async () => {
  for (const table of TABLES) await fixture.database.query(`alter table data.${table} set (autovacuum_enabled = off)`);
  // One connection, and so one set of plans.
  const early = await openBackEnd({ databaseUrl: fixture.database.url, connections: 1 });
  const [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  await subscribe(early, subscription(alice, bob));
  for (let round = 0; round < 10; round++) await turn(early, [bob, alice], round);

  await fill();
  const all = { frontEndId: 1, all: true, limit: 1000, now: at(1) };
  while ((await fixture.backEnd.takeNotifications(all)).more);
  const some = accounts.filter((_, index) => index % (ACCOUNTS / WATCHED) === 0);
  const later = await openBackEnd({ databaseUrl: fixture.database.url, connections: 1 });
  for (const [index, backEnd] of [early, later].entries()) {
    await flush(backEnd);
    const before = await reads();
    const taken = await turn(backEnd, some, 20 + index);
    expect(taken).toBeGreaterThanOrEqual(WATCHED);
    await flush(backEnd);
    const after = await reads();
    for (const [place, { relname, seq_tup_read, idx_tup_fetch }] of after.entries()) {
      expect(Number(seq_tup_read) - Number(before[place]?.seq_tup_read), `${relname} read in sequence`).toBe(0);
      const fetched = Number(idx_tup_fetch) - Number(before[place]?.idx_tup_fetch);
      expect(fetched, `${relname} read by index`).toBeLessThan((taken + WATCHED) * 25);
    }
    await backEnd.close();
  }
}, 60_000);

const reads = () =>
  fixture.database.query<Reads>(`
    select relname, seq_tup_read, idx_tup_fetch from pg_stat_user_tables
    where relname in (${TABLES.map((table) => `'${table}'`).join(', ')}) order by relname`);

/** A session reports its counts when it has been idle for a second. */
async function flush(backEnd: BackEnd): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await backEnd.listDomains();
  await fixture.database.query('select pg_stat_clear_snapshot()');
}
