import { afterAll, beforeAll, expect, it } from 'vitest';
import { at, contact, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const join = (seconds: number) =>
  fixture.backEnd.joinFrontEnd({ processId: 4711, addresses: {}, lease: 3, now: at(seconds) });

const register = (account: TestAccount, frontEndId: number, host: string, transport: string, callId = 'call-1') =>
  fixture.backEnd.register(
    request(account, {
      frontEndId,
      callId,
      changes: [contact(host, { transport, uri: `sip:${account.user}@${host}` })],
    }),
  );

/** Which of an account's devices are listed, by the host of their contact. */
async function devices(account: TestAccount): Promise<string[]> {
  const listed = await fixture.backEnd.listEndpoints({ user: account.user, domain: account.domain, now: at(20) });
  return listed.map(({ uri }) => uri.slice(uri.indexOf('@') + 1)).toSorted();
}

/** Calls until there is nothing more to do. */
async function removeAll(limit?: number) {
  const calls = [];
  for (let more = true; more; ) {
    const call = await fixture.backEnd.removeDeadFrontEnds({ now: at(20), ...(limit && { limit }) });
    calls.push(...call);
    more = call.some((one) => one.more);
  }
  return calls;
}

it('removes what was registered over the connections of a dead front end, and nothing else', async () => {
  const [dies, lives] = [await join(0), await join(19)];
  const alice = await fixture.addAccount('alice');
  for (const transport of ['UDP', 'TCP', 'TLS', 'WS', 'WSS', 'HTTP'])
    await register(alice, dies, transport.toLowerCase(), transport);
  await register(alice, lives, 'other', 'TCP');
  expect(await removeAll()).toMatchObject([
    { id: dies, outcome: 'died', endpointsRemoved: 4, more: true },
    { id: dies, outcome: 'removing', endpointsRemoved: 0, more: false },
  ]);
  expect(await devices(alice)).toEqual(['http', 'other', 'udp']);
  expect((await fixture.backEnd.listFrontEnds({ now: at(20) })).map(({ id }) => id)).toEqual([lives]);
});

it('removes them in batches, and keeps the front end dead between two of them', async () => {
  const dies = await join(0);
  const alice = await fixture.addAccount('alice');
  for (const host of ['a', 'b', 'c']) await register(alice, dies, host, 'TCP');
  const [first] = await fixture.backEnd.removeDeadFrontEnds({ limit: 2, now: at(20) });
  expect(first).toMatchObject({ id: dies, outcome: 'died', endpointsRemoved: 2, more: true });
  expect(await devices(alice)).toHaveLength(1);
  // It was only held up, and is too late.
  expect(await fixture.backEnd.renewFrontEndLease({ frontEndId: dies, connections: 3, now: at(20) })).toBe('gone');
  await removeAll();
  expect(await devices(alice)).toEqual([]);
});

it('leaves an endpoint alone whose client has registered through another front end meanwhile', async () => {
  const [dies, lives] = [await join(0), await join(19)];
  const alice = await fixture.addAccount('alice');
  await register(alice, dies, 'phone', 'TCP');
  await register(alice, lives, 'phone', 'TCP', 'call-2');
  await removeAll();
  expect(await devices(alice)).toEqual(['phone']);
});

it('does not wait for an account that is held, and comes back for it', async () => {
  const dies = await join(0);
  const [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  for (const account of [alice, bob]) await register(account, dies, 'phone', 'TCP');
  const holder = await fixture.database.connect();
  await holder.query('begin');
  await holder.query('select from data.account where id = $1 for update', [alice.accountId]);
  await removeAll();
  expect([await devices(alice), await devices(bob)]).toEqual([['phone'], []]);
  await holder.query('rollback');
  await removeAll();
  expect(await devices(alice)).toEqual([]);
});

it('removes them too after a front end has left, which is no death', async () => {
  const leaves = await join(19);
  const alice = await fixture.addAccount('alice');
  await register(alice, leaves, 'phone', 'TCP');
  await fixture.backEnd.leaveFrontEnd(leaves);
  expect((await removeAll()).map(({ outcome }) => outcome)).toEqual(['removing', 'removing']);
  expect(await devices(alice)).toEqual([]);
});

it('two front ends at once do the work once', async () => {
  const dies = await join(0);
  const alice = await fixture.addAccount('alice');
  for (const host of ['a', 'b', 'c', 'd']) await register(alice, dies, host, 'TCP');
  const both = await Promise.all(
    [fixture.backEnd, fixture.otherBackEnd].map((backEnd) => backEnd.removeDeadFrontEnds({ now: at(20) })),
  );
  const rows = both.flat();
  expect(rows.reduce((sum, { endpointsRemoved }) => sum + endpointsRemoved, 0)).toBe(4);
  expect(rows.filter(({ outcome }) => outcome === 'died')).toHaveLength(1);
});

it('a refresh through the same front end stays a HOT update', async () => {
  const frontEndId = await join(0);
  const alice = await fixture.addAccount('alice');
  await register(alice, frontEndId, 'phone', 'TCP');
  // In one transaction of one session, whose own counts are there at once.
  const session = await fixture.database.connect();
  await session.query('begin');
  await session.query('update data.endpoint set front_end_id = $2, cseq = 2 where account_id = $1', [
    alice.accountId,
    frontEndId,
  ]);
  const { rows } = await session.query(
    "select pg_stat_get_xact_tuples_hot_updated('data.endpoint'::regclass)::int as hot",
  );
  await session.query('rollback');
  expect(rows).toEqual([{ hot: 1 }]);
});
