/** A connection that is killed at any moment: all or nothing, and what was taken and not sent is told again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BackEnd, BackEndUnavailableError, openBackEnd } from '../../../packages/back-end/src/index.ts';
import { at, type Fixture, openFixture, type TestAccount } from '../fixture.ts';
import { publication, see, subscribe, subscription, take } from './fixture.ts';

const ROUNDS = 25;

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
let doomed: BackEnd;
beforeAll(async () => {
  fixture = await openFixture();
  [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  // One connection: the one that is killed.
  const url = new URL(fixture.database.url);
  doomed = await openBackEnd({ databaseUrl: url.href, connections: 1 });
});
afterAll(async () => {
  await doomed.close();
  await fixture.close();
});

async function processId(): Promise<number> {
  for (;;) {
    await doomed.listDomains().catch(() => {});
    const rows = await fixture.database.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = current_database() and query like '%list_domains%' and pid <> pg_backend_pid()",
    );
    if (rows[0]) return rows[0].pid;
  }
}

/** Kills the connection later and later after the call has left; resolves to undefined when the call did not come back. */
async function killedDuring<Outcome>(round: number, call: () => Promise<Outcome>): Promise<Outcome | undefined> {
  const pid = await processId();
  const outcome = call().catch((error: unknown) => {
    expect(error).toBeInstanceOf(BackEndUnavailableError);
    return undefined;
  });
  await new Promise((resolve) => setTimeout(resolve, round / 4));
  await fixture.database.query('select pg_terminate_backend($1)', [pid]);
  return outcome;
}

it('publish: the state and what watchers see of it are one', async () => {
  const { backEnd, database } = fixture;
  let lost = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const note = `note ${round}`;
    const outcome = await killedDuring(round, () =>
      doomed.publish(publication(bob, { open: true, note }, { now: at(round) })),
    );
    if (outcome === undefined) lost++;
    const stored = await database.query(
      "select from data.publication where account_id = $1 and state ->> 'note' = $2",
      [bob.accountId, note],
    );
    const seen = await see(backEnd, alice, bob, at(round));
    expect(seen.note === note).toBe(stored.length === 1);
    if (outcome) expect(stored).toHaveLength(1);
  }
  expect(lost).toBeGreaterThan(0);
});

it('subscribe: a subscription has its watch, or neither is there', async () => {
  const { backEnd, database } = fixture;
  let lost = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const request = subscription(alice, bob);
    const outcome = await killedDuring(round, () => doomed.subscribe(request));
    if (outcome === undefined) lost++;
    const rows = await database.query<{ watches: string }>(
      `select (select count(*) from data.watch w where w.subscriber_id = s.account_id and w.subscription_id = s.id) as watches
        from data.subscription s where s.call_id = $1`,
      [request.dialog.callId],
    );
    if (outcome) expect(rows).toHaveLength(1);
    for (const { watches } of rows) expect(Number(watches)).toBe(1);
  }
  expect(lost).toBeGreaterThan(0);
  // Whoever asks again has one that works.
  await subscribe(backEnd, subscription(alice, bob));
  expect((await take(backEnd, [alice])).length).toBeGreaterThan(0);
});

it('takeNotifications: what was taken and not sent is told again after renotify, with higher numbers', async () => {
  const { backEnd } = fixture;
  for (let index = 0; index < 100; index++) await subscribe(backEnd, subscription(alice, bob));
  const cseqs = new Map((await take(backEnd, [bob])).map((one) => [one.subscriptionId, one.cseq]));
  const asked = { frontEndId: 1, accountIds: [bob.accountId], limit: 500, now: at(100) };
  let lost = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await backEnd.publish(publication(bob, { open: true, note: `take ${round}` }, { now: at(100 + round) }));
    const taken = await killedDuring(round, () => doomed.takeNotifications(asked));
    if (!taken) {
      lost++;
      await backEnd.renotify({ frontEndId: 1 });
    }
    const after = taken ?? (await backEnd.takeNotifications({ ...asked, all: true }));
    const known = after.notifications.filter(({ subscriptionId }) => cseqs.has(subscriptionId));
    expect(known).toHaveLength(cseqs.size);
    for (const { subscriptionId, cseq, resources } of known) {
      expect(cseq).toBeGreaterThan(cseqs.get(subscriptionId)!);
      expect(resources).toMatchObject([{ state: { note: `take ${round}` } }]);
      cseqs.set(subscriptionId, cseq);
    }
  }
  expect(lost).toBeGreaterThan(0);
});
