/** Everything at once from several connections, in opposite orders: nobody hears of a deadlock, and watchers end up with what is so. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BackEnd, Notification } from '../../../packages/back-end/src/index.ts';
import { at, contact, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';
import { publication, see, subscription, take } from './fixture.ts';

const PEOPLE = 12;
const ROUNDS = 12;

let fixture: Fixture;
let people: TestAccount[];
beforeAll(async () => {
  fixture = await openFixture();
  people = await Promise.all(Array.from({ length: PEOPLE }, () => fixture.addAccount()));
});
afterAll(() => fixture.close());

const told = new Map<number, Notification>();
async function takeAll(backEnd: BackEnd, accounts: TestAccount[], round: number): Promise<void> {
  const accountIds = accounts.map(({ accountId }) => accountId);
  for (let more = true; more; ) {
    const taken = await backEnd.takeNotifications({ frontEndId: 1, accountIds, limit: 500, now: at(round) });
    more = taken.more;
    for (const one of taken.notifications) {
      if (one.isList) continue;
      const last = told.get(one.subscriptionId);
      expect(last?.cseq).not.toBe(one.cseq);
      if (!last || last.cseq < one.cseq) told.set(one.subscriptionId, one);
    }
  }
}

function steps(backEnd: BackEnd, side: number, round: number, order: TestAccount[]): Promise<unknown>[] {
  const now = at(round);
  return order.flatMap((one, index) => {
    const { accountId } = one;
    const other = order[(index + 1 + round) % PEOPLE]!;
    const list = round % 3 === 0;
    return [
      backEnd.publish(publication(one, { open: true, note: `${side} ${round}` }, { now })),
      backEnd.subscribe(subscription(one, list ? one : other, { isList: list, now })),
      backEnd.register(
        request(one, {
          callId: `${side}`,
          cseq: round + 1,
          now,
          changes: [contact(`phone-${side}`, { expires: round % 4 === 3 ? 0 : 600 })],
        }),
      ),
      backEnd.changeContacts({
        ...{ accountId, credentialVersion: 1, now },
        ...(round % 2 ? { removedContacts: [other] } : { contacts: [other] }),
      }),
      ...(index % 4 === 0 ? [takeAll(backEnd, order, round), backEnd.checkPresence({ now })] : []),
      ...(index % 6 === 0
        ? [backEnd.removeExpiredSubscriptions({ frontEndId: 1, now }), backEnd.renotify({ frontEndId: 1 })]
        : []),
    ];
  });
}

it('no call fails, and no deadlock is detected', async () => {
  const failed: unknown[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const sides = [fixture.backEnd, fixture.otherBackEnd];
    const orders = [people, people.toReversed()];
    const all = sides.flatMap((backEnd, side) => steps(backEnd, side, round, orders[side]!));
    for (const result of await Promise.allSettled(all)) if (result.status === 'rejected') failed.push(result.reason);
  }
  expect(failed).toEqual([]);
  const [row] = await fixture.database.query<{ deadlocks: string }>(
    'select pg_stat_force_next_flush(), deadlocks from pg_stat_database where datname = current_database()',
  );
  expect(Number(row?.deadlocks)).toBe(0);

  await takeAll(fixture.backEnd, people, ROUNDS);
  expect(await take(fixture.backEnd, people, at(ROUNDS + 1))).toEqual([]);
  for (const { watcher, resources } of told.values()) {
    const account = (address: string) => people.find(({ user, domain }) => `${user}@${domain}` === address)!;
    for (const { address, state } of resources)
      expect(state).toEqual(await see(fixture.backEnd, account(watcher), account(address), at(ROUNDS)));
  }
  expect(told.size).toBeGreaterThan(PEOPLE);
});
