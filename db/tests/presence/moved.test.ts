/** What a front end that hung does late: its phone has registered elsewhere meanwhile. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contact, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';
import { publication, publish, subscribe, subscription, take } from './fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
let hung: number;
let alive: number;
beforeAll(async () => {
  fixture = await openFixture();
  const join = () => fixture.backEnd.joinFrontEnd({ processId: 1, addresses: {}, lease: 60 });
  [hung, alive] = [await join(), await join()];
});
afterAll(() => fixture.close());

const PHONE = { instance: '<urn:phone>', regId: 1, transport: 'TCP' };

/** Alice's phone is on the connection `flow` of that front end; undefined: on one that is gone. */
async function register(frontEndId: number, flow: string | undefined, cseq = 1, expires = 3600) {
  const changes = [contact('phone', { ...PHONE, expires })];
  const { flow: _, ...nowhere } = request(alice, { cseq, frontEndId, changes });
  const outcome = await fixture.backEnd.register({ ...nowhere, ...(flow !== undefined && { flow }) });
  if (outcome.outcome !== 'registered') throw new Error(outcome.outcome);
  return outcome.endpoints[0]?.id;
}

async function publishLate(endpointId: number | undefined) {
  const flow = { frontEndId: hung, flow: 'late', ...(endpointId !== undefined && { endpointId }) };
  return (await fixture.backEnd.publish(publication(alice, { open: true }, { flow }))).outcome;
}

it('stores no new publication over a connection that its endpoint has left', async () => {
  alice = await fixture.addAccount('alice');
  const endpointId = await register(hung, 'late');
  expect(await publishLate(endpointId)).toBe('published');
  await register(alive, 'new', 2);
  expect(await publishLate(endpointId)).toBe('moved');
  const flow = { frontEndId: alive, flow: 'new', endpointId: endpointId! };
  const { etag } = await publish(fixture.backEnd, publication(alice, { open: false }, { flow }));
  const removal = { etag, expires: 0, flow: { ...flow, frontEndId: hung, flow: 'late' } };
  expect(await fixture.backEnd.publish(publication(alice, undefined, removal))).toMatchObject({ outcome: 'published' });
});

it('stores one of an endpoint that has been taken back, unless the front end itself is gone', async () => {
  alice = await fixture.addAccount('alice');
  const endpointId = await register(hung, 'late');
  await register(hung, 'late', 2, 0);
  expect(await publishLate(endpointId)).toBe('published');
  await fixture.backEnd.leaveFrontEnd(hung);
  expect(await publishLate(endpointId)).toBe('moved');
  expect(await publishLate(undefined)).toBe('published');
});

/** Alice's phone has moved to `alive`; then its refresh through a front end that is not there any more comes in. */
async function refreshLate() {
  [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  const gone = alive + 1000;
  const at = { transport: 'TCP', receivedFrom: '192.0.2.1:5060' };
  const place = { ...at, frontEndId: alive, flow: 'new' };
  await register(alive, 'new');
  const { reference, refresh } = await subscribe(fixture.backEnd, subscription(alice, bob, { place }));
  await take(fixture.backEnd, [bob], undefined, alive);
  await fixture.backEnd.subscribe(refresh(2, { place: { ...at, frontEndId: gone, flow: 'late' } }));
  expect(await take(fixture.backEnd, [alice], undefined, alive)).toEqual([]);
  return { ...reference, frontEndId: gone, flow: 'late' };
}

it('brings a subscription whose connection is gone to where its endpoint is', async () => {
  const late = await refreshLate();
  await fixture.backEnd.loseSubscriptions([late]);
  const told = await take(fixture.backEnd, [alice], undefined, alive);
  expect(told).toMatchObject([{ full: true, cseq: 2, place: { flow: 'new' } }]);
});

it('brings a subscription whose front end is gone to where its endpoint is', async () => {
  await refreshLate();
  await fixture.backEnd.adoptSubscriptions({ frontEndId: alive });
  const told = await take(fixture.backEnd, [alice], undefined, alive);
  expect(told).toMatchObject([{ full: true, cseq: 2, place: { flow: 'new' } }]);
});

/** Alice watches over `new`; her phone's REGISTER, read too late by a front end that hung, has moved that back, and she does not know it. */
async function registeredLate() {
  [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  const place = { frontEndId: alive, transport: 'TCP', flow: 'new', receivedFrom: '192.0.2.1:5060' };
  await register(alive, 'new');
  const { reference } = await subscribe(fixture.backEnd, subscription(alice, bob, { place }));
  await take(fixture.backEnd, [bob], undefined, alive);
  await register(hung, 'late', 2);
  return { ...reference, frontEndId: hung, flow: 'late' };
}

it('brings a subscription to the connection over which its endpoint takes its registration back', async () => {
  await registeredLate();
  await register(alive, 'new', 3, 0);
  const told = await take(fixture.backEnd, [alice], undefined, alive);
  expect(told).toMatchObject([{ full: true, cseq: 2, place: { transport: 'TCP', flow: 'new' } }]);
});

it('also one that had lost its connection', async () => {
  await fixture.backEnd.loseSubscriptions([await registeredLate()]);
  await register(alive, 'new', 3, 0);
  const told = await take(fixture.backEnd, [alice], undefined, alive);
  expect(told).toMatchObject([{ full: true, cseq: 2, place: { transport: 'TCP', flow: 'new' } }]);
});

it('but to no connection that is gone', async () => {
  await registeredLate();
  await register(alive, undefined, 3, 0);
  expect(await take(fixture.backEnd, [alice], undefined, alive)).toEqual([]);
  expect(await take(fixture.backEnd, [alice], undefined, hung)).toMatchObject([{ place: { flow: 'late' } }]);
});
