import { afterAll, beforeAll, expect, it } from 'vitest';
import { at, contact, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';
import { publication, publish, subscribe, subscription, take, told } from './fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

async function people() {
  alice = await fixture.addAccount('alice');
  bob = await fixture.addAccount('bob');
}

const name = ({ user, domain }: TestAccount) => `${user}@${domain}`;

it('tells a watcher what is so, then each change once, and counts', async () => {
  await people();
  const { backEnd } = fixture;
  const { reference } = await subscribe(backEnd, subscription(alice, bob));
  const first = await backEnd.takeNotifications({ frontEndId: 1, subscriptions: [reference], limit: 10, now: at(0) });
  expect(first.notifications).toMatchObject([
    { full: true, cseq: 1, version: 1, expiresIn: 3600, watcher: name(alice) },
  ]);
  expect(told(first.notifications)).toEqual([[name(alice), name(bob), 'company', 18_000]]);
  expect(await take(backEnd, [bob])).toEqual([]);

  const { changed } = await publish(backEnd, publication(bob, { open: true, note: 'hello', location: 'here' }));
  expect(changed).toBe(true);
  const second = await take(backEnd, [bob], at(1));
  expect(second).toMatchObject([
    { full: false, cseq: 2, version: 2, resources: [{ state: { availability: 3000, note: 'hello' } }] },
  ]);
  expect(second[0]?.resources[0]?.state).not.toHaveProperty('location');
  expect(await take(backEnd, [bob], at(2))).toEqual([]);
});

it('refreshes in its dialog, and in no other', async () => {
  await people();
  const { backEnd } = fixture;
  const { refresh } = await subscribe(backEnd, subscription(alice, bob));
  await take(backEnd, [bob]);
  expect((await backEnd.subscribe(refresh(2))).outcome).toBe('subscribed');
  expect((await take(backEnd, [alice])).map(({ cseq, full }) => [cseq, full])).toEqual([[2, true]]);
  expect(await backEnd.subscribe(refresh(2))).toEqual({ outcome: 'out_of_order' });
  expect(await backEnd.subscribe({ ...refresh(3), subscriptionId: 1 })).toEqual({ outcome: 'no_dialog' });
  expect(await backEnd.subscribe({ ...refresh(3), actor: { accountId: bob.accountId, credentialVersion: 1 } })).toEqual(
    { outcome: 'no_dialog' },
  );
  expect(await backEnd.subscribe(refresh(3, { now: at(3600) }))).toEqual({ outcome: 'no_dialog' });
  expect((await backEnd.subscribe(refresh(3, { now: at(3599) }))).outcome).toBe('subscribed');
  const ended = await backEnd.subscribe(refresh(4, { expires: 0, now: at(3600) }));
  expect(ended).toMatchObject({
    outcome: 'ended',
    notification: { cseq: 3, full: true, resources: [{ state: { availability: 18_000 } }] },
  });
  expect(await backEnd.subscribe(refresh(5, { now: at(3600) }))).toEqual({ outcome: 'no_dialog' });
});

it('only tells, and keeps nothing, when asked once', async () => {
  await people();
  await publish(fixture.backEnd, publication(bob, { open: true }));
  const fetched = await fixture.backEnd.subscribe(subscription(alice, bob, { expires: 0 }));
  expect(fetched).toMatchObject({
    outcome: 'ended',
    notification: { cseq: 1, resources: [{ state: { availability: 3000 } }] },
  });
  expect(
    await fixture.database.query('select from data.subscription where account_id = $1', [alice.accountId]),
  ).toEqual([]);
});

it('refuses what is not to be', async () => {
  await people();
  const { backEnd } = fixture;
  const outcome = async (changes: Parameters<typeof subscription>[2]) =>
    (await backEnd.subscribe(subscription(alice, bob, changes))).outcome;
  expect(await outcome({ target: { user: 'nobody', domain: bob.domain } })).toBe('unknown');
  expect(await outcome({ event: 'reg' })).toBe('forbidden');
  expect(await outcome({ isList: true })).toBe('not_own_address');
  expect(await outcome({ actor: { accountId: alice.accountId, credentialVersion: 2 } })).toBe('credentials_changed');
  expect(await outcome({ actor: { watcher: 'carol@elsewhere.example' } })).toBe('subscribed');
  expect(await outcome({ maximumPerAccount: 1 })).toBe('subscribed');
  expect(await outcome({ maximumPerAccount: 1 })).toBe('too_many');
  await backEnd.setAccountEnabled({ ...bob, enabled: false });
  expect(await outcome({})).toBe('disabled');
});

it('goes on where its endpoint registers next, in full, with a higher CSeq', async () => {
  await people();
  const { backEnd, otherBackEnd } = fixture;
  const phone = { instance: '<urn:phone>', regId: 1, transport: 'TCP' };
  await backEnd.register(request(alice, { changes: [contact('phone', phone)] }));
  const place = { frontEndId: 1, transport: 'TCP', flow: 'flow-1', receivedFrom: '192.0.2.1:5060' };
  const { reference } = await subscribe(backEnd, subscription(alice, bob, { place }));
  expect(await take(backEnd, [bob])).toHaveLength(1);
  await backEnd.loseSubscriptions([{ ...reference, frontEndId: 1, flow: 'flow-1' }]);
  await publish(backEnd, publication(bob, { open: true }));
  expect(await take(backEnd, [bob])).toEqual([]);

  const moved = await otherBackEnd.register(
    request(alice, { cseq: 2, frontEndId: 2, flow: 'flow-2', changes: [contact('phone', phone)] }),
  );
  expect(moved).toMatchObject({ outcome: 'registered', notificationsDue: true });
  const again = await take(otherBackEnd, [alice], at(1), 2);
  expect(again).toMatchObject([{ cseq: 2, full: true, place: { frontEndId: 2, flow: 'flow-2' } }]);
  const refreshed = await backEnd.register(
    request(alice, { cseq: 3, frontEndId: 2, flow: 'flow-2', changes: [contact('phone', phone)] }),
  );
  expect(refreshed).toMatchObject({ notificationsDue: false });
});

it('tells the dialog and the place as they were stored, and stores no line in two', async () => {
  await people();
  const { backEnd } = fixture;
  const request = subscription(alice, bob);
  const routeSet = ['<sip:one.example.org;lr>', '<sip:two.example.org;lr>'];
  const { reference } = await subscribe(backEnd, { ...request, dialog: { ...request.dialog, routeSet } });
  const { notifications } = await backEnd.takeNotifications({ frontEndId: 1, subscriptions: [reference], limit: 10 });
  const { remoteCseq: _, ...dialog } = request.dialog;
  expect(notifications).toMatchObject([{ dialog: { ...dialog, routeSet }, place: request.place }]);
  const twoLines = { ...request, dialog: { ...request.dialog, remoteTarget: 'sip:a@b\nX: y' } };
  await expect(backEnd.subscribe(twoLines)).rejects.toThrow(/remoteTarget is more than one line/);
});
