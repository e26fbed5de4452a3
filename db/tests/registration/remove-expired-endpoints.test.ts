import { afterEach, beforeEach, expect, it } from 'vitest';
import { at, contact, type Fixture, openFixture, request, uris } from '../fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const rows = () =>
  fixture.database.query<{ uri: string; expiry_check_at: Date }>(
    'select uri, expiry_check_at from data.endpoint order by id',
  );

it('removes an endpoint at its second and reports it once', async () => {
  const alice = await fixture.addAccount('alice');
  await fixture.backEnd.register(request(alice));
  expect(await fixture.backEnd.removeExpiredEndpoints({ now: at(599.999) })).toEqual({
    removed: [],
    changed: [],
    more: false,
  });
  const { removed } = await fixture.backEnd.removeExpiredEndpoints({ now: at(600) });
  expect(removed).toMatchObject([
    {
      accountId: alice.accountId,
      uri: 'sip:alice@phone',
      callId: 'call-1',
      cseq: 1,
      expiredAt: at(600),
      frontEndId: 1,
      flow: 'flow-1',
    },
  ]);
  expect(await fixture.backEnd.removeExpiredEndpoints({ now: at(600) })).toEqual({
    removed: [],
    changed: [],
    more: false,
  });
  expect(await rows()).toEqual([]);
});

it('puts off an endpoint that was refreshed, and finds it at its new second', async () => {
  const alice = await fixture.addAccount('alice');
  await fixture.backEnd.register(request(alice));
  await fixture.backEnd.register(request(alice, { cseq: 2, now: at(500) }));
  expect(await rows()).toMatchObject([{ expiry_check_at: at(600) }]);
  expect((await fixture.backEnd.removeExpiredEndpoints({ now: at(600) })).removed).toEqual([]);
  expect(await rows()).toMatchObject([{ expiry_check_at: at(1_100) }]);
  expect((await fixture.backEnd.removeExpiredEndpoints({ now: at(1_100) })).removed).toHaveLength(1);
});

it('finds an endpoint at its second when a refresh has shortened its time', async () => {
  const alice = await fixture.addAccount('alice');
  await fixture.backEnd.register(request(alice));
  await fixture.backEnd.register(request(alice, { cseq: 2, changes: [contact('phone', { expires: 60 })] }));
  expect((await fixture.backEnd.removeExpiredEndpoints({ now: at(59) })).removed).toEqual([]);
  expect((await fixture.backEnd.removeExpiredEndpoints({ now: at(60) })).removed).toHaveLength(1);
});

it('works in small steps and says whether there is more', async () => {
  const accounts = await Promise.all(Array.from({ length: 5 }, () => fixture.addAccount()));
  await Promise.all(accounts.map((account) => fixture.backEnd.register(request(account))));
  const step = () => fixture.backEnd.removeExpiredEndpoints({ limit: 2, now: at(600) });
  expect(await step()).toMatchObject({ removed: { length: 2 }, more: true });
  expect(await step()).toMatchObject({ removed: { length: 2 }, more: true });
  expect(await step()).toMatchObject({ removed: { length: 1 }, more: false });
});

it('passes over an account that a registration holds, and over the refresh that it brought', async () => {
  const [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  await fixture.backEnd.register(request(alice));
  await fixture.backEnd.register(request(bob));
  const holder = await fixture.database.connect();
  await holder.query('begin');
  await holder.query('select from data.account where id = $1 for no key update', [alice.accountId]);
  const refresh = fixture.backEnd.register(request(alice, { cseq: 2, now: at(599) }));
  // It does not wait for alice, and bob's endpoint leaves.
  const { removed } = await fixture.otherBackEnd.removeExpiredEndpoints({ now: at(600) });
  expect(removed.map(({ accountId }) => accountId)).toEqual([bob.accountId]);
  await holder.query('commit');
  await refresh;
  expect((await fixture.backEnd.removeExpiredEndpoints({ now: at(600) })).removed).toEqual([]);
  expect(uris(await fixture.backEnd.register(request(alice, { changes: [], now: at(600) })))).toEqual([
    'sip:alice@phone',
  ]);
});

it('leaves the work to one at a time', async () => {
  const alice = await fixture.addAccount('alice');
  await fixture.backEnd.register(request(alice));
  const reaper = await fixture.database.connect();
  await reaper.query('begin');
  await reaper.query('select api.remove_expired_endpoints(10, $1)', [at(0)]);
  expect((await fixture.backEnd.removeExpiredEndpoints({ now: at(600) })).removed).toEqual([]);
  await reaper.query('commit');
  expect((await fixture.backEnd.removeExpiredEndpoints({ now: at(600) })).removed).toHaveLength(1);
});
