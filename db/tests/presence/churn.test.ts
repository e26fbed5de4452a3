import { afterAll, beforeAll, expect, it } from 'vitest';
import { at, contact, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';
import { publication, subscribe, subscription } from './fixture.ts';

const HOUR = 3600;
const OWN = ['presence.winfo', 'reg', 'message-summary'] as const;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const rows = async (table: string) =>
  Number((await fixture.database.query<{ count: string }>(`select count(*) from data.${table}`))[0]!.count);

/** An hour of ten people who come, say something, watch each other, and vanish without a word. */
async function anHour(accounts: TestAccount[], start: number): Promise<void> {
  const { backEnd } = fixture;
  for (let minute = 0; minute < 60; minute += 10) {
    const second = start + minute * 60;
    for (const [index, account] of accounts.entries()) {
      const callId = `${second}-${index}`;
      const phone = contact(`phone-${minute % 20}`, { expires: 300 });
      await backEnd.register(request(account, { callId, changes: [phone], now: at(second) }));
      const state = { open: true, note: `at ${second}`, ...(minute % 20 === 0 && { stated: 'busy' as const }) };
      await backEnd.publish(publication(account, state, { expires: 400, now: at(second) }));
      const target = accounts[(index + 1 + minute / 10) % accounts.length]!;
      await subscribe(backEnd, subscription(account, target, { expires: 500, now: at(second) }));
      const event = OWN[(index + minute / 10) % OWN.length]!;
      await subscribe(backEnd, subscription(account, account, { event, expires: 500, now: at(second) }));
    }
    const accountIds = accounts.map(({ accountId }) => accountId);
    await backEnd.takeNotifications({ frontEndId: 1, accountIds, limit: 500, now: at(second + 1) });
    for (const later of [310, 410, 510]) {
      await backEnd.removeExpiredEndpoints({ now: at(second + later) });
      await backEnd.checkPresence({ now: at(second + later) });
      await backEnd.removeExpiredSubscriptions({ frontEndId: 1, now: at(second + later) });
    }
  }
}

/** Bytes of each table with its TOAST, and of each index. Space is used again after a vacuum, and never given back. */
async function sizes(): Promise<[name: string, bytes: number][]> {
  const relations = await fixture.database.query<{ name: string; bytes: string }>(
    `select c.relname as name, case c.relkind when 'r' then pg_table_size(c.oid) else pg_relation_size(c.oid) end as bytes
     from pg_class c where c.relnamespace = 'data'::regnamespace and c.relkind in ('r', 'i')`,
  );
  // As autovacuum does more often than once an hour.
  await fixture.database.query('vacuum (truncate false)');
  return relations.map(({ name, bytes }) => [name, Number(bytes)]);
}

it('24 hours of churn leave nothing behind, and no table or index grows after the first two', async () => {
  const accounts = await Promise.all(Array.from({ length: 10 }, () => fixture.addAccount()));
  const largest = new Map<string, number>();
  for (let hour = 0; hour < 24; hour++) {
    await anHour(accounts, hour * HOUR);
    for (const table of ['endpoint', 'publication', 'presence_check', 'subscription', 'watch']) {
      expect(await rows(table), table).toBe(0);
    }
    // Four levels of presence an account, and the three events that it watches of itself, made once.
    expect(await rows('event_state')).toBe(70);
    for (const [name, bytes] of await sizes()) {
      // A page that somebody has pinned is vacuumed an hour later: not exactly. What grows has grown twelve times by the last hour.
      if (hour < 2) largest.set(name, Math.max(bytes, largest.get(name) ?? 0));
      else expect(bytes, `${name} in hour ${hour}`).toBeLessThanOrEqual(2 * largest.get(name)!);
    }
  }
}, 120_000);

it('an account leaves nothing behind', async () => {
  const { backEnd } = fixture;
  const [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  await backEnd.publish(publication(alice, { open: true }));
  await subscribe(backEnd, subscription(alice, bob));
  await subscribe(backEnd, subscription(bob, alice));
  await backEnd.removeAccount(alice);
  // Tells its watchers that they have ended.
  await backEnd.removeExpiredSubscriptions({ frontEndId: 1 });
  for (const table of ['publication', 'event_state', 'presence_check', 'subscription', 'watch'])
    expect(
      await fixture.database.query(`select from data.${table} where account_id = $1`, [alice.accountId]),
      table,
    ).toEqual([]);
  expect(await fixture.database.query('select from data.watch where subscriber_id = $1', [alice.accountId])).toEqual(
    [],
  );
});
