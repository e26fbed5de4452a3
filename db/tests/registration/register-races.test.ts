import { afterAll, beforeAll, expect, it } from 'vitest';
import { BackEndUnavailableError, openBackEnd } from '../../../packages/back-end/src/index.ts';
import { contact, type Fixture, openFixture, request, uris } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const query = { changes: [] };

it('serialises two front ends that register the same account: nothing is lost, and the quota holds', async () => {
  const alice = await fixture.addAccount('alice');
  for (let round = 0; round < 20; round++) {
    const phone = (side: string) =>
      request(alice, { callId: `${side}-${round}`, changes: [contact(`${side}-${round}`)], maximumEndpoints: 4 });
    await Promise.all([fixture.backEnd.register(phone('a')), fixture.otherBackEnd.register(phone('b'))]);
  }
  const left = uris(await fixture.backEnd.register(request(alice, query)));
  expect(left.toSorted()).toEqual(['sip:alice@a-18', 'sip:alice@a-19', 'sip:alice@b-18', 'sip:alice@b-19']);
});

it('takes one of two requests with the same Call-ID and CSeq', async () => {
  const alice = await fixture.addAccount('alice');
  for (let cseq = 1; cseq <= 20; cseq++) {
    const outcomes = await Promise.all(
      [fixture.backEnd, fixture.otherBackEnd].map((backEnd) => backEnd.register(request(alice, { cseq }))),
    );
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['out_of_order', 'registered']);
  }
});

it('does not deadlock when two front ends send the same accounts in opposite order', async () => {
  const accounts = await Promise.all(Array.from({ length: 40 }, () => fixture.addAccount()));
  for (let cseq = 1; cseq <= 20; cseq++) {
    const send = (backEnd: Fixture['backEnd'], order: typeof accounts, callId: string) =>
      order.map((account) =>
        backEnd.register(request(account, { cseq, callId, nonce: { id: BigInt(cseq * 2), count: callId.length } })),
      );
    const outcomes = await Promise.all([
      ...send(fixture.backEnd, accounts, 'x'),
      ...send(fixture.otherBackEnd, accounts.toReversed(), 'yy'),
    ]);
    expect(outcomes.every(({ outcome }) => outcome === 'registered' || outcome === 'nonce_replayed')).toBe(true);
  }
  const [{ deadlocks }] = (await fixture.database.query<{ deadlocks: string }>(
    'select pg_stat_force_next_flush(), deadlocks from pg_stat_database where datname = current_database()',
  )) as [{ deadlocks: string }];
  expect(Number(deadlocks)).toBe(0);
});

it('sees a password change that commits while it waits for the account', async () => {
  const alice = await fixture.addAccount('alice');
  const admin = await fixture.database.connect();
  await admin.query('begin');
  await admin.query("select api.set_password($1, $2, decode(repeat('00', 16), 'hex'), null, null)", [
    alice.user,
    alice.domain,
  ]);
  const waiting = fixture.backEnd.register(request(alice, { nonce: { id: 5n, count: 1 } }));
  await waitForLock();
  await admin.query('commit');
  expect(await waiting).toEqual({ outcome: 'credentials_changed' });
  const retried = request(alice, { account: { ...alice, credentialVersion: 2 }, nonce: { id: 5n, count: 1 } });
  expect((await fixture.backEnd.register(retried)).outcome).toBe('registered');
});

it('finds no account when its removal commits while it waits', async () => {
  const alice = await fixture.addAccount('alice');
  const admin = await fixture.database.connect();
  await admin.query('begin');
  await admin.query('select api.remove_account($1, $2)', [alice.user, alice.domain]);
  const waiting = fixture.backEnd.register(request(alice));
  await waitForLock();
  await admin.query('commit');
  expect(await waiting).toEqual({ outcome: 'credentials_changed' });
});

it('leaves nothing of a batch whose connection is killed before the commit, and claims nothing', async () => {
  const [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  const backEnd = await openBackEnd({ databaseUrl: fixture.database.url });
  const holder = await fixture.database.connect();
  await holder.query('begin');
  await holder.query('select from data.account where id = $1 for no key update', [bob.accountId]);
  const batch = Promise.allSettled(
    [alice, bob].map((account) => backEnd.register(request(account, { nonce: { id: 5n, count: 1 } }))),
  );
  // alice's part is done, bob's waits: the batch is one transaction.
  const processId = await waitForLock();
  await holder.query('select pg_terminate_backend($1)', [processId]);
  const results = await batch;
  expect(results).toMatchObject([
    { reason: expect.any(BackEndUnavailableError) },
    { reason: expect.any(BackEndUnavailableError) },
  ]);
  await holder.query('rollback');
  expect(uris(await fixture.backEnd.register(request(alice, query)))).toEqual([]);
  // The connection is made anew, and the nonce was not used either.
  const again = await backEnd.register(request(alice, { nonce: { id: 5n, count: 1 } }));
  expect(uris(again)).toEqual(['sip:alice@phone']);
  await backEnd.close();
});

/** Resolves to the process id of the session that waits for a lock. */
async function waitForLock(): Promise<number> {
  for (;;) {
    const [row] = await fixture.database.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (row) return row.pid;
  }
}
