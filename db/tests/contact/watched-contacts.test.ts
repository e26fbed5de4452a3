/** What those who watch hear of changed contacts, rules and levels. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BackEnd } from '../../../packages/back-end/src/index.ts';
import { at, DOMAIN, type Fixture, HA1, NOON, openFixture, type TestAccount } from '../fixture.ts';
import { publication, publish, see, subscribe, subscription, take, told } from '../presence/fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
let carol: TestAccount;
let newcomers = 0;

beforeAll(async () => {
  fixture = await openFixture();
});
beforeEach(async () => {
  alice = await fixture.addAccount('alice');
  bob = await fixture.addAccount('bob');
  carol = await fixture.addAccount('carol');
});
afterAll(() => fixture.close());

type Address = { user: string; domain: string };
const of = ({ user, domain }: Address): Address => ({ user, domain });
const name = ({ user, domain }: Address) => `${user}@${domain}`;
const newcomer = (): Address => ({ user: `newcomer-${++newcomers}`, domain: DOMAIN });
const change = (changes: Partial<Parameters<BackEnd['changeContacts']>[0]>, backEnd = fixture.backEnd) =>
  backEnd.changeContacts({ accountId: alice.accountId, credentialVersion: 1, now: NOON, ...changes });
const watchList = () => subscribe(fixture.backEnd, subscription(alice, alice, { isList: true }));
/** What the list's watcher is told, after the presence of contacts that nobody had asked for has been made. */
const lists = async (seconds: number) => {
  await fixture.backEnd.checkPresence({ limit: 1000, now: at(seconds) });
  const taken = await take(fixture.backEnd, [alice], at(seconds));
  return taken.map(({ full, resources }) => ({ full, who: resources.map(({ address }) => address).toSorted() }));
};

describe('the subscription to a contact list', () => {
  it('follows contacts that are added, renamed and removed', async () => {
    await change({ contacts: [of(bob)] });
    await watchList();
    expect(await lists(1)).toEqual([{ full: true, who: [name(bob)] }]);
    await change({ contacts: [of(carol)] });
    expect(await lists(2)).toEqual([{ full: true, who: [name(bob), name(carol)] }]);
    await change({ contacts: [{ ...of(bob), note: 'a note is nobody else’s' }] });
    expect(await lists(3)).toEqual([]);
    await change({ contacts: [{ ...of(bob), displayName: 'Bob' }] });
    expect(await lists(4)).toMatchObject([{ full: true }]);
    await change({ removedContacts: [of(bob)] });
    expect(await lists(5)).toEqual([{ full: true, who: [name(carol)] }]);
  });

  it('follows accounts that come and go', async () => {
    const dave = newcomer();
    await change({ contacts: [of(bob), dave] });
    await watchList();
    expect(await lists(1)).toEqual([{ full: true, who: [name(bob)] }]);
    await fixture.backEnd.addAccount({ ...dave, ha1: HA1 });
    expect(await lists(2)).toEqual([{ full: true, who: [name(bob), name(dave)].toSorted() }]);
    await fixture.backEnd.removeAccount(dave);
    expect(await lists(3)).toEqual([{ full: true, who: [name(bob)] }]);
    await fixture.backEnd.importAccounts([{ ...dave, ha1: HA1 }]);
    expect(await lists(4)).toEqual([{ full: true, who: [name(bob), name(dave)].toSorted() }]);
  });

  it('is told when it has changed to who watches xcap-diff', async () => {
    const watching = await subscribe(fixture.backEnd, subscription(alice, alice, { event: 'xcap-diff' }));
    await take(fixture.backEnd, [alice], at(1));
    await change({ contacts: [of(bob)] });
    expect(await take(fixture.backEnd, [alice], at(2))).toMatchObject([{ subscriptionId: watching.subscriptionId }]);
    await fixture.backEnd.setAccessRule({ account: alice, subject: { scope: 'everyone' }, level: 'team' });
    expect(await take(fixture.backEnd, [alice], at(3))).toHaveLength(1);
  });
});

describe('who watches', () => {
  const rule = (level: 'blocked' | 'team' | null) =>
    fixture.backEnd.setAccessRule({ account: bob, subject: { scope: 'user', ...of(alice) }, level });
  const heard = async (seconds: number) =>
    told(await take(fixture.backEnd, [bob], at(seconds))).map(([, , level, availability]) => [level, availability]);

  it('sees more, less, and nothing, as the rules of the one watched come and go', async () => {
    const { backEnd } = fixture;
    await publish(backEnd, publication(bob, { open: true, location: 'Rome' }));
    await subscribe(backEnd, subscription(alice, bob));
    expect(await heard(1)).toEqual([['company', 3000]]);
    await rule('team');
    expect(await heard(2)).toEqual([['team', 3000]]);
    expect(await see(backEnd, alice, bob)).toMatchObject({ location: 'Rome' });
    await rule('blocked');
    expect(await heard(3)).toEqual([['blocked', 18_000]]);
    await rule(null);
    expect(await heard(4)).toEqual([['company', 3000]]);
    expect(await heard(5)).toEqual([]);
  });

  it('who is blocked does not reach the account, unless the rule allows it', async () => {
    const reach = async () => {
      const caller = { accountId: alice.accountId, credentialVersion: 1 };
      return (await fixture.backEnd.route({ caller, from: '', checkFrom: false, target: bob, now: NOON })).outcome;
    };
    await rule('team');
    expect(await reach()).toBe('routed');
    await rule('blocked');
    expect(await reach()).toBe('denied');
    const subject = { scope: 'user' as const, ...of(alice) };
    await fixture.backEnd.setAccessRule({ account: bob, subject, communication: 'allow' });
    expect(await reach()).toBe('routed');
  });

  it('sees what an administrator shows or hides, at the next check', async () => {
    const { backEnd } = fixture;
    await publish(backEnd, publication(bob, { open: true, calendar: 'busy until 3', note: 'hello' }));
    await subscribe(backEnd, subscription(alice, bob));
    await take(backEnd, [bob], at(1));
    const state = async () => (await take(backEnd, [bob], at(2)))[0]?.resources[0]?.state;
    await backEnd.setAccessLevel({ level: 'company', calendar: true, note: false });
    expect((await backEnd.checkPresence({ limit: 1000, now: at(1) })).changed).toContain(bob.accountId);
    const seen = await state();
    expect(seen).toMatchObject({ calendar: 'busy until 3' });
    expect(seen).not.toHaveProperty('note');
    await backEnd.setAccessLevel({ level: 'company', calendar: false, note: true });
  });
});

it('what lists cover is what contacts say, after all has happened at once', async () => {
  const { backEnd, otherBackEnd, database } = fixture;
  const addresses = Array.from({ length: 12 }, newcomer);
  const some = (seed: number) => addresses.filter((_, n) => (seed * 7 + n * 5) % 3 === 0);
  await watchList();
  const steps: (() => Promise<unknown>)[] = [];
  for (let step = 0; step < 60; step++) {
    const address = addresses[(step * 5) % 12]!;
    const side = step % 2 ? backEnd : otherBackEnd;
    steps.push(
      () => change({ contacts: some(step) }, side),
      () => change({ replace: true, contacts: some(step + 1) }, side),
      () => side.addAccount({ ...address, ha1: HA1 }),
      () => side.removeAccount(address),
      () => backEnd.subscribe(subscription(alice, alice, { isList: true, expires: step % 4 ? 3600 : 0 })),
      () => backEnd.importAccounts(some(step).map((one) => ({ ...one, ha1: HA1 }))),
    );
  }
  const failed = (await Promise.allSettled(steps.map((step) => step()))).filter(({ status }) => status === 'rejected');
  expect(failed).toEqual([]);
  await fixture.backEnd.importAccounts(addresses.slice(0, 6).map((one) => ({ ...one, ha1: HA1 })));
  const [wrong] = await database.query<{ contacts: number; watches: number; links: number }>(`
    select
      (select count(*)::int from data.contact c, data.subscription s
       where s.is_list and c.account_id = s.account_id and not c.removed and c.contact_account_id is not null
         and not exists (select from data.watch w
           where w.subscriber_id = s.account_id and w.subscription_id = s.id and w.account_id = c.contact_account_id)) as contacts,
      (select count(*)::int from data.watch w, data.subscription s
       where s.is_list and s.account_id = w.subscriber_id and s.id = w.subscription_id
         and not exists (select from data.contact c
           where c.account_id = s.account_id and c.contact_account_id = w.account_id and not c.removed)) as watches,
      (select count(*)::int from data.contact c
       where not c.removed and c.contact_account_id is distinct from api.contact_account_id(c.address)) as links`);
  expect(wrong).toEqual({ contacts: 0, watches: 0, links: 0 });
});
