/** Event packages without levels, and what watchers hear of accounts that are disabled or removed. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { at, contact, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';
import { message } from '../message/fixture.ts';
import { publication, publish, subscribe, subscription, take } from './fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
beforeAll(async () => {
  fixture = await openFixture();
});
beforeEach(async () => {
  alice = await fixture.addAccount('alice');
  bob = await fixture.addAccount('bob');
});
afterAll(() => fixture.close());

const states = async (account: TestAccount, seconds: number) =>
  (await take(fixture.backEnd, [account], at(seconds))).flatMap(({ resources }) => resources.map(({ state }) => state));

it('tells how many messages wait when one is stored, delivered and expires, once each', async () => {
  const { backEnd } = fixture;
  await subscribe(backEnd, subscription(alice, alice, { event: 'message-summary' }));
  expect(await states(alice, 0)).toEqual([{ messages: 0 }]);
  const stored = await backEnd.storeMessage(message(alice.accountId, 'one'));
  if (stored.outcome !== 'stored') throw new Error(stored.outcome);
  expect(stored.changed).toBe(true);
  expect(await states(alice, 1)).toEqual([{ messages: 1 }]);
  expect(await backEnd.storeMessage(message(alice.accountId, 'two', { expiresIn: 10 }))).toMatchObject({
    changed: true,
  });
  expect(await states(alice, 2)).toEqual([{ messages: 2 }]);
  const { messageId } = stored;
  const delivered = { accountId: alice.accountId, messageId, now: at(3) };
  expect(await backEnd.messageDelivered(delivered)).toEqual({ outcome: 'removed', changed: true });
  expect(await backEnd.messageDelivered(delivered)).toEqual({ outcome: 'unknown', changed: false });
  expect(await states(alice, 3)).toEqual([{ messages: 1 }]);
  expect(await backEnd.removeExpiredMessages({ now: at(10) })).toMatchObject({
    removed: 1,
    changed: [alice.accountId],
  });
  expect(await states(alice, 10)).toEqual([{ messages: 0 }]);
  expect(await states(alice, 11)).toEqual([]);
});

it('says that nothing is due of messages that nobody watches, or that are not stored', async () => {
  const { backEnd } = fixture;
  expect(await backEnd.storeMessage(message(bob.accountId, 'one'))).toMatchObject({ changed: false });
  await subscribe(backEnd, subscription(alice, alice, { event: 'message-summary' }));
  await states(alice, 0);
  const refused = message(alice.accountId, 'one', { maximumMessages: 0 });
  expect(await backEnd.storeMessage(refused)).toEqual({ outcome: 'quota_exceeded' });
  expect(await states(alice, 1)).toEqual([]);
});

it('tells who watches an account, and when one has gone, whose request in the dialog names nobody; lists are not among them', async () => {
  const { backEnd } = fixture;
  await backEnd.changeContacts({ accountId: alice.accountId, credentialVersion: 1, contacts: [bob], now: at(0) });
  await subscribe(backEnd, subscription(bob, bob, { event: 'presence.winfo' }));
  expect(await states(bob, 0)).toEqual([{ watchers: [] }]);
  const list = await subscribe(backEnd, subscription(alice, alice, { isList: true }));
  const { refresh } = await subscribe(backEnd, subscription(alice, bob));
  const watchers = { watcher: `${alice.user}@${alice.domain}` };
  expect(await states(bob, 1)).toContainEqual({ watchers: [expect.objectContaining(watchers)] });
  const nobody = { user: '', domain: '' };
  const ended = await backEnd.subscribe(refresh(2, { target: nobody, expires: 0 }));
  expect(ended).toMatchObject({ outcome: 'ended', changed: [bob.accountId] });
  expect(await states(bob, 2)).toEqual([{ watchers: [] }]);
  expect(await backEnd.subscribe(list.refresh(2, { target: nobody, expires: 0 }))).toMatchObject({ changed: [] });
  expect(await states(bob, 3)).toEqual([]);
});

it('tells who watches reg that a contact has become another', async () => {
  const { backEnd } = fixture;
  const phone = { instance: '<urn:uuid:00000000-0000-0000-0000-000000000001>', regId: 1 };
  const register = (uri: string, seconds: number) =>
    backEnd.register(request(alice, { cseq: seconds, changes: [contact(uri, phone)], now: at(seconds) }));
  await register('one', 1);
  await subscribe(backEnd, subscription(alice, alice, { event: 'reg' }));
  expect(await states(alice, 1)).toMatchObject([{ endpoints: [{ uri: 'sip:alice@one' }] }]);
  expect(await register('two', 2)).toMatchObject({ notificationsDue: true });
  expect(await states(alice, 2)).toMatchObject([{ endpoints: [{ uri: 'sip:alice@two' }] }]);
  await register('two', 3);
  expect(await states(alice, 3)).toEqual([]);
});

it('tells the versions of contacts and rules to who watches xcap-diff', async () => {
  const { backEnd } = fixture;
  await subscribe(backEnd, subscription(alice, alice, { event: 'xcap-diff' }));
  expect(await states(alice, 0)).toEqual([{ contacts: 0, rules: 0 }]);
  await backEnd.changeContacts({ accountId: alice.accountId, credentialVersion: 1, contacts: [bob], now: at(1) });
  expect(await states(alice, 1)).toEqual([{ contacts: 1, rules: 0 }]);
  expect(await states(alice, 2)).toEqual([]);
  await backEnd.setAccessRule({ account: alice, subject: { scope: 'user', ...bob }, level: 'team' });
  expect(await states(alice, 3)).toEqual([{ contacts: 1, rules: 1 }]);
});

it('tells a blocked watcher of no dialog, and of all again when no longer blocked', async () => {
  const { backEnd } = fixture;
  const document = '<dialog-info/>';
  await publish(backEnd, publication(bob, undefined, { event: 'dialog', state: { document } }));
  await subscribe(backEnd, subscription(alice, bob, { event: 'dialog' }));
  expect(await states(bob, 0)).toEqual([{ documents: [document] }]);
  const rule = (level: 'blocked' | 'company') =>
    backEnd.setAccessRule({ account: bob, subject: { scope: 'user', ...alice }, level });
  await rule('blocked');
  expect(await states(bob, 1)).toEqual([{ documents: [] }]);
  const other = publication(bob, undefined, { event: 'dialog', state: { document: '<other/>' }, now: at(2) });
  expect(await publish(backEnd, other)).toMatchObject({ changed: true });
  expect(await states(bob, 2)).toEqual([]);
  await rule('company');
  expect(await states(bob, 3)).toEqual([{ documents: [document, '<other/>'] }]);
});

it('ends what a disabled account watches, and tells who watches it', async () => {
  const { backEnd } = fixture;
  await publish(backEnd, publication(alice, { open: true }, { now: new Date(), expires: 3600 }));
  const now = new Date();
  const own = await subscribe(backEnd, subscription(alice, bob, { now }));
  await subscribe(backEnd, subscription(bob, alice, { now }));
  await subscribe(backEnd, subscription(bob, bob, { event: 'presence.winfo', now }));
  const due = async () =>
    (await backEnd.takeNotifications({ frontEndId: 1, accountIds: [alice.accountId, bob.accountId], limit: 10 }))
      .notifications;
  expect(await due()).toHaveLength(3);
  expect((await backEnd.setAccountEnabled({ ...alice, enabled: false })).changed).toEqual([alice.accountId]);
  expect(await due()).toMatchObject([{ resources: [{ state: { availability: 18_000 } }] }]);
  const ended = await backEnd.removeExpiredSubscriptions({ frontEndId: 1 });
  expect(ended.removed).toMatchObject([{ subscriptionId: own.subscriptionId, reason: 'rejected', cseq: 2 }]);
  expect(ended.changed).toEqual([bob.accountId]);
  expect(await due()).toMatchObject([{ event: 'presence.winfo', resources: [{ state: { watchers: [] } }] }]);
});

it('names whose lists are due when an account goes', async () => {
  const { backEnd } = fixture;
  await backEnd.changeContacts({ accountId: alice.accountId, credentialVersion: 1, contacts: [bob], now: at(0) });
  await subscribe(backEnd, subscription(alice, alice, { isList: true }));
  expect(await take(backEnd, [alice])).toMatchObject([{ resources: [{ accountId: bob.accountId }] }]);
  const removed = await backEnd.removeAccount(bob);
  expect(removed.changed).toEqual([alice.accountId]);
  expect(await take(backEnd, [alice], at(1))).toMatchObject([{ full: true, resources: [] }]);
});
