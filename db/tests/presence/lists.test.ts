import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Notification } from '../../../packages/back-end/src/index.ts';
import { at, type Fixture, openFixture, type TestAccount } from '../fixture.ts';
import { publication, publish, subscribe, subscription, take } from './fixture.ts';

const CONTACTS = 20;
const LISTS = 6;

let fixture: Fixture;
let contacts: TestAccount[];
beforeAll(async () => {
  fixture = await openFixture();
  contacts = await Promise.all(Array.from({ length: CONTACTS }, () => fixture.addAccount()));
});
afterAll(() => fixture.close());

/** Owners of a list of all contacts, watched on UDP. */
async function owners(): Promise<TestAccount[]> {
  const all = await Promise.all(Array.from({ length: LISTS }, () => fixture.addAccount('owner')));
  for (const owner of all) {
    const { accountId } = owner;
    await fixture.backEnd.changeContacts({ accountId, credentialVersion: 1, contacts, now: at(0) });
    await subscribe(fixture.backEnd, subscription(owner, owner, { isList: true }));
  }
  return all;
}

/** Takes until there is no more: the calls, each with its notifications. */
async function calls(accounts: TestAccount[], maximumResources: number, seconds: number): Promise<Notification[][]> {
  const accountIds = accounts.map(({ accountId }) => accountId);
  const taken: Notification[][] = [];
  for (let more = true; more; ) {
    const request = { frontEndId: 1, accountIds, limit: 100, maximumResources, now: at(seconds) };
    const outcome = await fixture.backEnd.takeNotifications(request);
    more = outcome.more;
    taken.push(outcome.notifications);
  }
  return taken;
}

it('takes no further list once a batch has enough resources, and each one in the end', async () => {
  const all = await owners();
  const full = await calls(all, 2 * CONTACTS + 1, 0);
  expect(full.map((batch) => batch.length)).toEqual([3, 3]);
  for (const { resources } of full.flat()) expect(resources).toHaveLength(CONTACTS);
  expect(new Set(full.flat().map(({ accountId }) => accountId)).size).toBe(LISTS);
  // A list that alone is too long.
  await fixture.backEnd.renotify({ frontEndId: 1 });
  expect((await calls(all, 1, 1)).map((batch) => batch.length)).toEqual(Array(LISTS).fill(1));

  await Promise.all(contacts.map((one) => publish(fixture.backEnd, publication(one, { open: true }))));
  const changed = await calls(contacts, CONTACTS + 1, 2);
  expect(changed.map((batch) => batch.length)).toEqual([2, 2, 2]);
  for (const { resources, full } of changed.flat()) expect([resources.length, full]).toEqual([CONTACTS, false]);
  expect(await take(fixture.backEnd, contacts, at(3))).toEqual([]);
});

it('comes to the lists that are due, behind any number of those that are not', async () => {
  const all = await owners();
  await calls(all, 5000, 0);
  const subscriptions = all.map(({ accountId }) => ({ accountId, id: 0 }));
  const rows = await fixture.database.query<{ account_id: string; id: string }>(
    'select account_id, id from data.subscription where is_list order by id desc limit 6',
  );
  for (const { account_id: accountId, id } of rows) {
    subscriptions.find((one) => one.accountId === Number(accountId))!.id = Number(id);
  }
  const last = subscriptions.at(-1)!;
  await fixture.database.query('update data.subscription set full_due = true where id = $1', [last.id]);
  const request = { frontEndId: 1, subscriptions, limit: 100, maximumResources: CONTACTS, now: at(1) };
  const { notifications } = await fixture.backEnd.takeNotifications(request);
  expect(notifications.map(({ subscriptionId }) => subscriptionId)).toEqual([last.id]);
  expect(await fixture.backEnd.takeNotifications(request)).toMatchObject({ notifications: [], more: false });
});

it('tells a list of those that have changed, whether few or many are asked for', async () => {
  const [owner] = await owners();
  await calls([...contacts], 5000, 10);
  const change = (one: TestAccount, note: string) =>
    publish(fixture.backEnd, publication(one, { open: true, note }, { now: at(10) }));
  await change(contacts[0]!, 'a');
  await change(contacts[1]!, 'b');
  const told = (batch: Notification[]) =>
    batch
      .filter(({ accountId }) => accountId === owner!.accountId)
      .map(({ resources }) => resources.map(({ address }) => address).toSorted());
  const named = [contacts[0]!, contacts[1]!].map(({ user, domain }) => `${user}@${domain}`).toSorted();
  expect(told(await take(fixture.backEnd, contacts.slice(0, 2), at(11)))).toEqual([named]);
  await change(contacts[0]!, 'c');
  await change(contacts[1]!, 'd');
  expect(told(await take(fixture.backEnd, contacts, at(12)))).toEqual([named]);
});

it('holds back what changes within the interval of a list, also where it is asked for by name', async () => {
  const owner = await fixture.addAccount('owner');
  const { accountId } = owner;
  await fixture.backEnd.changeContacts({ accountId, credentialVersion: 1, contacts, now: at(0) });
  const { reference } = await subscribe(fixture.backEnd, subscription(owner, owner, { isList: true }));
  expect(await take(fixture.backEnd, [owner], at(20))).toHaveLength(1);
  await publish(fixture.backEnd, publication(contacts[0]!, { open: true, note: 'e' }, { now: at(20) }));
  const asked = { frontEndId: 1, subscriptions: [reference], limit: 10 };
  expect(await fixture.backEnd.takeNotifications({ ...asked, now: at(20.1) })).toMatchObject({
    notifications: [],
    nextAt: at(20.5),
  });
  expect((await fixture.backEnd.takeNotifications({ ...asked, now: at(20.5) })).notifications).toHaveLength(1);
});

it('holds back a list for half a second at least, whatever its watcher asks for, now and with each refresh', async () => {
  const owner = await fixture.addAccount('owner');
  const { refresh } = await subscribe(fixture.backEnd, subscription(owner, owner, { isList: true, minInterval: 100 }));
  const interval = async (seconds: number) => (await take(fixture.backEnd, [owner], at(seconds)))[0]?.minInterval;
  expect(await interval(30)).toBe(500);
  await fixture.backEnd.subscribe(refresh(2, { isList: false, minInterval: 2000, now: at(31) }));
  expect(await interval(31)).toBe(2000);
  await fixture.backEnd.subscribe(refresh(3, { isList: false, now: at(32), minInterval: 0 }));
  expect(await interval(32)).toBe(500);
});
