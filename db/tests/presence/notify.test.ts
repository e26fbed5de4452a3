import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Notification } from '../../../packages/back-end/src/index.ts';
import { at, type Fixture, openFixture, type TestAccount } from '../fixture.ts';
import { publication, publish, subscribe, subscription, take, told } from './fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
let carol: TestAccount;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

async function people() {
  [alice, bob, carol] = [
    await fixture.addAccount('alice'),
    await fixture.addAccount('bob'),
    await fixture.addAccount('carol'),
  ];
}

const name = ({ user, domain }: TestAccount) => `${user}@${domain}`;
const rule = (owner: TestAccount, scope: string, subject: string, level: string) =>
  fixture.database.query(
    `insert into data.access_rule (account_id, scope, subject, level) values ($1, $2, $3, $4)
      on conflict (account_id, scope, subject) do update set level = excluded.level`,
    [owner.accountId, scope, subject, level],
  );
const addContact = (owner: TestAccount, contact: TestAccount) =>
  fixture.database.query(
    `insert into data.contact (account_id, address, contact_account_id, position, groups, version)
      values ($1, $2, $3, 0, '{}', 1)`,
    [owner.accountId, name(contact), contact.accountId],
  );

it('two front ends that take at once tell nobody twice, and no CSeq twice', async () => {
  await people();
  const { backEnd, otherBackEnd } = fixture;
  for (let index = 0; index < 20; index++) await subscribe(backEnd, subscription(alice, bob));
  const all: Notification[] = [];
  for (let round = 0; round < 10; round++) {
    await publish(backEnd, publication(bob, { open: true, note: `${round}` }));
    const taken = await Promise.all([backEnd, otherBackEnd, backEnd].map((one) => take(one, [bob])));
    all.push(...taken.flat());
  }
  all.push(...(await take(backEnd, [bob])));
  const cseqs = new Map<number, number[]>();
  for (const { subscriptionId, cseq } of all) cseqs.set(subscriptionId, [...(cseqs.get(subscriptionId) ?? []), cseq]);
  expect(cseqs.size).toBe(20);
  for (const list of cseqs.values()) expect(new Set(list).size).toBe(list.length);
  const last = new Map(
    all.toSorted((a, b) => a.cseq - b.cseq).map((one) => [one.subscriptionId, one.resources[0]?.state]),
  );
  for (const state of last.values()) expect(state).toMatchObject({ note: '9' });
});

it('skips what is busy, and what another transaction holds, which are taken later', async () => {
  await people();
  const { backEnd, database } = fixture;
  const { reference } = await subscribe(backEnd, subscription(alice, bob));
  const asked = { frontEndId: 1, accountIds: [bob.accountId], limit: 10, now: at(0) };
  expect((await backEnd.takeNotifications({ ...asked, busy: [reference.id] })).notifications).toEqual([]);
  const holder = await database.connect();
  await holder.query('begin');
  await holder.query('select from data.subscription where id = $1 for update', [reference.id]);
  expect(await backEnd.takeNotifications(asked)).toEqual({ notifications: [], more: false });
  await holder.query('rollback');
  expect((await backEnd.takeNotifications(asked)).notifications).toHaveLength(1);
});

it('takes no more than the limit, and says that there is more', async () => {
  await people();
  const { backEnd } = fixture;
  for (let index = 0; index < 5; index++) await subscribe(backEnd, subscription(alice, bob));
  const asked = { frontEndId: 1, accountIds: [bob.accountId], limit: 2, now: at(0) };
  const counts: [number, boolean][] = [];
  for (let more = true; more; ) {
    const outcome = await backEnd.takeNotifications(asked);
    more = outcome.more;
    counts.push([outcome.notifications.length, more]);
  }
  expect(counts.map(([count]) => count)).toEqual([2, 2, 1]);
});

it('a rule takes effect on present watchers: blocked ones see offline, others what their level sees', async () => {
  await people();
  const { backEnd, database } = fixture;
  await publish(backEnd, publication(bob, { open: true, note: 'hello', location: 'here' }));
  await subscribe(backEnd, subscription(alice, bob));
  await subscribe(backEnd, subscription(carol, bob));
  expect(told(await take(backEnd, [bob]))).toEqual([
    [name(alice), name(bob), 'company', 3000],
    [name(carol), name(bob), 'company', 3000],
  ]);
  await rule(bob, 'user', name(alice), 'blocked');
  await rule(bob, 'domain', bob.domain, 'team');
  const second = await take(backEnd, [bob]);
  expect(told(second)).toEqual([
    [name(alice), name(bob), 'blocked', 18_000],
    [name(carol), name(bob), 'team', 3000],
  ]);
  await publish(backEnd, publication(bob, { open: true, note: 'else' }, { now: at(1) }));
  expect(told(await take(backEnd, [bob]))).toEqual([[name(carol), name(bob), 'team', 3000]]);
  await database.query('delete from data.access_rule where account_id = $1', [bob.accountId]);
  expect(told(await take(backEnd, [bob]))).toHaveLength(2);
});

it('a list tells all contacts first, then those that change, not more often than its interval', async () => {
  await people();
  const { backEnd, database } = fixture;
  await addContact(alice, bob);
  await addContact(alice, carol);
  await publish(backEnd, publication(bob, { open: true }));
  const { reference } = await subscribe(backEnd, subscription(alice, alice, { isList: true }));
  const first = await take(backEnd, [alice]);
  expect(first).toMatchObject([{ isList: true, full: true }]);
  expect(told(first)).toEqual([
    [name(alice), name(bob), 'company', 3000],
    [name(alice), name(carol), 'company', 18_000],
  ]);
  await publish(backEnd, publication(carol, { open: true }));
  const asked = { frontEndId: 1, accountIds: [carol.accountId, bob.accountId], limit: 10 };
  expect(await backEnd.takeNotifications({ ...asked, now: at(0.1) })).toMatchObject({
    notifications: [],
    nextAt: at(0.5),
  });
  const later = await backEnd.takeNotifications({ ...asked, now: at(0.5) });
  expect(later).toMatchObject({ notifications: [{ full: false, version: 2 }] });
  expect(told(later.notifications)).toEqual([[name(alice), name(carol), 'company', 3000]]);

  // A contact of whom nobody has asked yet is told within a second.
  const dave = await fixture.addAccount('dave');
  await addContact(alice, dave);
  await database.query('select api.refresh_lists(array[$1::bigint], $2)', [alice.accountId, at(1)]);
  expect(told(await take(backEnd, [alice], at(1)))).toHaveLength(2);
  expect((await backEnd.checkPresence({ now: at(1) })).changed).toContain(dave.accountId);
  expect(told(await take(backEnd, [dave], at(2)))).toEqual([[name(alice), name(dave), 'company', 18_000]]);

  // A contact that is removed, and one whose account goes, are in it no more.
  await backEnd.removeAccount(carol);
  await database.query('delete from data.contact where account_id = $1 and contact_account_id = $2', [
    alice.accountId,
    bob.accountId,
  ]);
  await database.query('select api.refresh_lists(array[$1::bigint], $2)', [alice.accountId, at(3)]);
  expect(told(await take(backEnd, [alice], at(3)))).toEqual([[name(alice), name(dave), 'company', 18_000]]);
  await backEnd.endSubscriptions([reference]);
  expect(await database.query('select from data.watch where subscriber_id = $1', [alice.accountId])).toEqual([]);
});

it('ends one whose NOTIFY was not answered, unless it was refreshed meanwhile', async () => {
  await people();
  const { backEnd } = fixture;
  const { reference, refresh } = await subscribe(backEnd, subscription(alice, bob));
  await take(backEnd, [bob]);
  await backEnd.subscribe(refresh(2));
  await backEnd.endSubscriptions([{ ...reference, cseq: 1 }]);
  expect(await take(backEnd, [alice])).toMatchObject([{ cseq: 2 }]);
  await backEnd.endSubscriptions([{ ...reference, cseq: 1 }]);
  await backEnd.endSubscriptions([{ ...reference, cseq: 2 }]);
  expect((await backEnd.subscribe(refresh(3))).outcome).toBe('no_dialog');
});

it('is told again in full when the front end does not know what it has sent', async () => {
  await people();
  const { backEnd } = fixture;
  await subscribe(backEnd, subscription(alice, bob));
  expect(await take(backEnd, [bob])).toHaveLength(1);
  await backEnd.renotify({ frontEndId: 1 });
  const again = await backEnd.takeNotifications({ frontEndId: 1, all: true, limit: 500, now: at(0) });
  expect(again.notifications.filter(({ watcher }) => watcher === name(alice))).toMatchObject([{ cseq: 2, full: true }]);
});

it('another front end adopts what a dead one has left on UDP', async () => {
  await people();
  const { backEnd, database } = fixture;
  const join = () => backEnd.joinFrontEnd({ processId: 1, addresses: {}, lease: 60 });
  const [dead, alive] = [await join(), await join()];
  const on = (transport: string) => ({
    place: { frontEndId: dead, transport, flow: 'f', receivedFrom: '192.0.2.1:5060' },
  });
  await subscribe(backEnd, subscription(alice, bob, on('UDP')));
  await subscribe(backEnd, subscription(alice, bob, on('TCP')));
  await subscribe(backEnd, subscription(alice, bob, on('HTTP')));
  await backEnd.leaveFrontEnd(dead);
  await backEnd.adoptSubscriptions({ frontEndId: alive });
  const rows = await database.query<{ transport: string; front_end_id: number | null }>(
    'select transport, front_end_id from data.subscription where account_id = $1 order by id',
    [alice.accountId],
  );
  expect(rows).toEqual([
    { transport: 'UDP', front_end_id: alive },
    { transport: 'TCP', front_end_id: null },
  ]);
  expect(await take(backEnd, [alice], at(0), alive)).toMatchObject([{ full: true }]);
});

it('goes when its time has passed, and its watcher is told; also when its account goes', async () => {
  await people();
  const { backEnd } = fixture;
  const { reference, refresh } = await subscribe(backEnd, subscription(alice, bob, { expires: 100 }));
  await subscribe(backEnd, subscription(bob, bob, { event: 'presence.winfo' }));
  expect(await take(backEnd, [bob])).toHaveLength(2);
  await backEnd.subscribe(refresh(2, { now: at(50) }));
  const expired = (seconds: number) => backEnd.removeExpiredSubscriptions({ frontEndId: 1, now: at(seconds) });
  expect((await expired(149)).removed).toEqual([]);
  const { removed, changed } = await expired(150);
  expect(removed).toMatchObject([{ subscriptionId: reference.id, reason: 'timeout', cseq: 2 }]);
  expect(changed).toEqual([bob.accountId]);
  expect(await take(backEnd, [bob], at(150))).toMatchObject([
    { event: 'presence.winfo', resources: [{ state: { watchers: [] } }] },
  ]);

  const other = await subscribe(backEnd, subscription(alice, carol));
  await backEnd.removeAccount(carol);
  const orphans = (await backEnd.removeExpiredSubscriptions({ frontEndId: 1 })).removed;
  expect(orphans.filter(({ subscriptionId }) => subscriptionId === other.subscriptionId)).toMatchObject([
    { reason: 'noresource' },
  ]);
});
