import { afterAll, beforeAll, expect, it } from 'vitest';
import { at, type Fixture, openFixture, request } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const join = (seconds: number) =>
  fixture.backEnd.joinFrontEnd({ processId: 4711, addresses: { udp: '192.0.2.1:5060' }, lease: 3, now: at(seconds) });

it('lists a front end that has joined, with its addresses, connections and endpoints', async () => {
  const frontEndId = await join(0);
  const alice = await fixture.addAccount('alice');
  await fixture.backEnd.register(request(alice, { frontEndId }));
  expect(await fixture.backEnd.renewFrontEndLease({ frontEndId, connections: 12, now: at(1) })).toBe('renewed');
  expect(await fixture.backEnd.listFrontEnds({ now: at(1) })).toEqual([
    {
      id: frontEndId,
      processId: 4711,
      state: 'serving',
      addresses: { udp: '192.0.2.1:5060' },
      connections: 12,
      endpoints: 1,
      joinedAt: at(0),
      renewedAt: at(1),
    },
  ]);
  expect(await fixture.backEnd.leaveFrontEnd(frontEndId)).toBe('left');
  expect(await fixture.backEnd.leaveFrontEnd(frontEndId)).toBe('gone');
  expect(await fixture.backEnd.listFrontEnds({ now: at(1) })).toEqual([]);
  expect(await fixture.backEnd.removeDeadFrontEnds({ now: at(1) })).toMatchObject([{ outcome: 'removing' }]);
});

it('declares one dead three seconds after its last renewal, once, and not a moment before', async () => {
  const [renews, dies] = [await join(0), await join(0)];
  for (const second of [1, 2, 3])
    await fixture.backEnd.renewFrontEndLease({ frontEndId: renews, connections: 0, now: at(second) });
  expect(await fixture.backEnd.removeDeadFrontEnds({ now: at(2.999) })).toEqual([]);
  const states = await fixture.backEnd.listFrontEnds({ now: at(3) });
  expect(states.map(({ id, state }) => [id, state])).toEqual([
    [renews, 'serving'],
    [dies, 'dead'],
  ]);
  const dead = await Promise.all(
    [fixture.backEnd, fixture.otherBackEnd].map((backEnd) => backEnd.removeDeadFrontEnds({ now: at(3) })),
  );
  expect(dead.flat()).toMatchObject([{ id: dies, addresses: { udp: '192.0.2.1:5060' } }]);
  expect(await fixture.backEnd.renewFrontEndLease({ frontEndId: dies, connections: 0, now: at(4) })).toBe('gone');
  expect(await join(5)).toBeGreaterThan(dies);
});

it('says which front ends drain, and goes on renewing them', async () => {
  const frontEndId = await join(10);
  const renewal = { frontEndId, connections: 3, now: at(11) };
  expect(await fixture.backEnd.renewFrontEndLease({ ...renewal, state: 'draining' })).toBe('renewed');
  expect(await fixture.backEnd.renewFrontEndLease(renewal)).toBe('renewed');
  const listed = await fixture.backEnd.listFrontEnds({ now: at(11) });
  expect(listed.find(({ id }) => id === frontEndId)).toMatchObject({ state: 'draining', connections: 3 });
  await fixture.backEnd.leaveFrontEnd(frontEndId);
  expect(await fixture.backEnd.renewFrontEndLease(renewal)).toBe('gone');
});

it('says where front ends are reached, of one whose lease has run out until it is declared dead, and not of one that left', async () => {
  const [late, left] = [await join(30), await join(30)];
  await fixture.backEnd.leaveFrontEnd(left);
  const ids = async () => (await fixture.backEnd.findFrontEnds()).map(({ id }) => id);
  expect(await fixture.backEnd.findFrontEnds()).toContainEqual({ id: late, addresses: { udp: '192.0.2.1:5060' } });
  expect(await ids()).not.toContain(left);
  await fixture.backEnd.removeDeadFrontEnds({ now: at(40) });
  expect(await ids()).not.toContain(late);
});
