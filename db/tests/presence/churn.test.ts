import { afterAll, beforeAll, expect, it } from 'vitest';
import { at, contact, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';
import { publication, subscribe, subscription } from './fixture.ts';

const HOUR = 3600;

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

it('24 hours of churn leave nothing behind', async () => {
  const accounts = await Promise.all(Array.from({ length: 10 }, () => fixture.addAccount()));
  for (let hour = 0; hour < 24; hour++) {
    await anHour(accounts, hour * HOUR);
    for (const table of ['endpoint', 'publication', 'presence_check', 'subscription', 'watch']) {
      expect(await rows(table), table).toBe(0);
    }
    // Four levels of presence an account, made once.
    expect(await rows('event_state')).toBe(40);
  }
  const [size] = await fixture.database.query<{ bytes: string }>(
    "select sum(pg_relation_size(oid)) as bytes from pg_class where relname in ('event_state', 'watch', 'subscription', 'publication')",
  );
  expect(Number(size!.bytes)).toBeLessThan(8_000_000);
}, 60_000);

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
