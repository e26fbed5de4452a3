import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PublishedState } from '../../../packages/back-end/src/index.ts';
import { at, contact, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';
import { publication, publish, see, subscribe, subscription, take, told } from './fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
beforeAll(async () => {
  fixture = await openFixture();
  alice = await fixture.addAccount('alice');
});
afterAll(() => fixture.close());

const OPEN: PublishedState = { open: true };

it.each<[string, PublishedState[], number]>([
  ['nothing', [], 18_000],
  ['an endpoint', [OPEN], 3000],
  ['one that is not to be reached', [{ open: false }], 18_000],
  ['one that is idle', [{ open: true, idle: true }], 4500],
  ['one idle, one not', [{ open: true, idle: true }, OPEN], 3000],
  ['available, idle', [{ open: true, idle: true, stated: 'available' }], 4500],
  ['busy', [{ open: true, stated: 'busy' }], 6000],
  ['busy, idle', [{ open: true, stated: 'busy', idle: true }], 7500],
  ['do not disturb', [{ open: true, stated: 'do-not-disturb' }], 9000],
  ['be right back', [{ open: true, stated: 'be-right-back' }], 12_000],
  ['away', [{ open: true, stated: 'away' }], 15_000],
  ['appears offline', [{ open: true, stated: 'offline' }], 18_000],
  ['the newest that says something', [{ open: true, stated: 'away' }, { open: true, stated: 'busy' }, OPEN], 6000],
  ['on the phone', [{ open: true, activity: 'on-the-phone' }], 6000],
  ['in a meeting, idle', [{ open: true, idle: true, activity: 'meeting' }], 7500],
  ['on the phone, and says available', [{ open: true, activity: 'on-the-phone', stated: 'available' }], 3000],
  ['away, with nothing to reach', [{ open: false, stated: 'away' }], 18_000],
])('%s', async (_name, states, availability) => {
  bob = await fixture.addAccount('bob');
  for (const [index, state] of states.entries())
    await publish(fixture.backEnd, publication(bob, state, { now: at(index) }));
  expect((await see(fixture.backEnd, alice, bob, at(10))).availability).toBe(availability);
});

it('counts registered endpoints, each with its own publication', async () => {
  bob = await fixture.addAccount('bob');
  const { backEnd } = fixture;
  const flow = { frontEndId: 1, flow: 'flow-1' };
  await backEnd.register(request(bob));
  expect((await see(backEnd, alice, bob)).availability).toBe(3000);
  const { etag } = await publish(backEnd, publication(bob, { open: true, idle: true }, { flow }));
  expect((await see(backEnd, alice, bob)).availability).toBe(4500);
  await backEnd.register(request(bob, { callId: 'call-2', flow: 'flow-2', changes: [contact('desk')] }));
  expect((await see(backEnd, alice, bob)).availability).toBe(3000);
  await backEnd.register(request(bob, { callId: 'call-2', cseq: 2, changes: [contact('desk', { expires: 0 })] }));
  expect((await see(backEnd, alice, bob)).availability).toBe(4500);
  // Its publication leaves with the endpoint.
  await backEnd.register(request(bob, { cseq: 2, changes: [contact('phone', { expires: 0 })] }));
  expect((await see(backEnd, alice, bob)).availability).toBe(18_000);
  expect((await backEnd.publish(publication(bob, undefined, { etag }))).outcome).toBe('no_match');
});

it('keeps what was said by hand until it is taken back, and shows note and person of who is offline', async () => {
  bob = await fixture.addAccount('bob');
  const { backEnd } = fixture;
  const byHand = (state: PublishedState | null, expires?: number) =>
    backEnd.setPresence({
      accountId: bob.accountId,
      credentialVersion: 1,
      state,
      now: at(0),
      ...(expires && { expires }),
    });
  expect(await byHand({ open: true, stated: 'busy', note: 'on leave', activity: 'vacation' })).toEqual({
    outcome: 'set',
    changed: true,
  });
  expect(await see(backEnd, alice, bob)).toEqual({ availability: 18_000, note: 'on leave' });
  await backEnd.register(request(bob));
  expect(await see(backEnd, alice, bob)).toEqual({ availability: 6000, note: 'on leave', activity: 'vacation' });
  expect(await backEnd.getPresence({ accountId: bob.accountId })).toMatchObject({
    state: { stated: 'busy' },
    version: 1,
  });
  expect(await byHand(null)).toEqual({ outcome: 'set', changed: true });
  expect(await see(backEnd, alice, bob)).toEqual({ availability: 3000 });
  expect(await backEnd.getPresence({ accountId: bob.accountId })).toBeUndefined();
  await byHand({ open: true, stated: 'away' }, 10);
  await backEnd.checkPresence({ now: at(9) });
  expect((await see(backEnd, alice, bob)).availability).toBe(15_000);
  await backEnd.checkPresence({ now: at(10) });
  expect((await see(backEnd, alice, bob)).availability).toBe(3000);
});

it('becomes offline at the second at which the last endpoint and the last publication expire', async () => {
  bob = await fixture.addAccount('bob');
  const { backEnd } = fixture;
  await subscribe(backEnd, subscription(alice, bob));
  await backEnd.register(request(bob, { changes: [contact('phone', { expires: 100 })] }));
  expect(told(await take(backEnd, [bob]))).toMatchObject([[expect.anything(), expect.anything(), 'company', 3000]]);
  await backEnd.register(request(bob, { cseq: 2, now: at(50), changes: [contact('phone', { expires: 100 })] }));
  const check = async (seconds: number) => (await backEnd.checkPresence({ now: at(seconds) })).changed;
  // The first look finds it refreshed.
  expect(await check(100)).not.toContain(bob.accountId);
  expect(await check(149)).not.toContain(bob.accountId);
  expect(await check(150)).toContain(bob.accountId);
  expect(told(await take(backEnd, [bob], at(150)))).toMatchObject([
    [expect.anything(), expect.anything(), 'company', 18_000],
  ]);
  expect(await check(150)).not.toContain(bob.accountId);
});

it('changes and refreshes by entity tag, once each', async () => {
  bob = await fixture.addAccount('bob');
  const { backEnd, otherBackEnd } = fixture;
  const first = await publish(backEnd, publication(bob, { open: true, note: 'a' }));
  const second = await publish(backEnd, publication(bob, undefined, { etag: first.etag, now: at(599) }));
  expect(second).toMatchObject({ changed: false });
  expect(second.etag).not.toBe(first.etag);
  expect(await backEnd.publish(publication(bob, undefined, { etag: first.etag }))).toEqual({ outcome: 'no_match' });
  expect(await backEnd.publish(publication(bob, undefined, { etag: 'nonsense' }))).toEqual({ outcome: 'no_match' });
  const both = await Promise.all(
    [backEnd, otherBackEnd].map((one, index) =>
      one.publish(publication(bob, { open: true, note: `b${index}` }, { etag: second.etag, now: at(600) })),
    ),
  );
  expect(both.map(({ outcome }) => outcome).sort()).toEqual(['no_match', 'published']);
  const third = both.find((outcome) => outcome.outcome === 'published')!;
  expect(await backEnd.publish(publication(bob, undefined, { etag: third.etag, now: at(1200) }))).toEqual({
    outcome: 'no_match',
  });
  expect(
    await publish(backEnd, publication(bob, undefined, { etag: third.etag, expires: 0, now: at(1199) })),
  ).toMatchObject({ changed: true });
  expect((await see(backEnd, alice, bob, at(1199))).availability).toBe(18_000);
});

it('refuses who may not publish, and keeps 32', async () => {
  bob = await fixture.addAccount('bob');
  const { backEnd, database } = fixture;
  const outcome = async (changes: Parameters<typeof publication>[2]) =>
    (await backEnd.publish(publication(bob, OPEN, changes))).outcome;
  expect(await outcome({ target: alice })).toBe('not_own_address');
  expect(await outcome({ actor: { accountId: bob.accountId, credentialVersion: 2 } })).toBe('credentials_changed');
  expect(await outcome({ actor: { user: 'nobody', domain: bob.domain } })).toBe('unknown');
  expect(await outcome({ actor: bob })).toBe('published');
  for (let index = 0; index < 40; index++) await outcome({ now: at(index) });
  const [row] = await database.query<{ count: string }>('select count(*) from data.publication where account_id = $1', [
    bob.accountId,
  ]);
  expect(Number(row?.count)).toBe(32);
  await backEnd.setAccountEnabled({ ...bob, enabled: false });
  expect(await outcome({ actor: bob })).toBe('disabled');
});
