import { setTimeout as sleep } from 'node:timers/promises';
import { type BackEnd, openBackEnd } from '@rollcall/back-end';
import { createLog } from '@rollcall/process';
import { createTestDatabase, type TestDatabase } from '@rollcall/test-kit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Lease, type LeaseOptions } from './lease.ts';

let database: TestDatabase;
let backEnd: BackEnd;
/** Renewals that have been sent, those that have come back, and the times that a lease was said to be lost. */
let sent: number;
let ended: number;
let losses: number;

beforeAll(async () => {
  database = await createTestDatabase();
  backEnd = await openBackEnd({ databaseUrl: database.frontEndUrl });
});
afterAll(async () => {
  await backEnd.close();
  await database.drop();
});
beforeEach(() => {
  sent = 0;
  ended = 0;
  losses = 0;
});

/** A back end whose renewals are late: each arrives once the front end has left, or after a while if it does not leave. */
function withLateRenewals(): LeaseOptions['backEnd'] {
  const left = Promise.withResolvers<void>();
  return {
    joinFrontEnd: (request) => backEnd.joinFrontEnd(request),
    async renewFrontEndLease(renewal) {
      sent += 1;
      await Promise.race([left.promise, sleep(300)]);
      return backEnd.renewFrontEndLease(renewal).finally(() => {
        ended += 1;
      });
    },
    async leaveFrontEnd(id) {
      const outcome = await backEnd.leaveFrontEnd(id);
      left.resolve();
      return outcome;
    },
  };
}

async function startLease(): Promise<Lease> {
  const lease = new Lease({
    backEnd: withLateRenewals(),
    addresses: { tcp: '192.0.2.1:5060' },
    connections: () => 0,
    lost() {
      losses += 1;
    },
    log: createLog({ level: 'silent' }),
  });
  await lease.start();
  return lease;
}

/** Ids of the front ends that the pool has. */
async function listed(): Promise<number[]> {
  return (await backEnd.listFrontEnds()).map(({ id }) => id);
}

async function expectLeft(renewals: number): Promise<void> {
  expect(sent).toBe(renewals);
  await expect.poll(() => ended).toBe(renewals);
  expect(await listed()).toEqual([]);
  expect(losses).toBe(0);
}

it('a front end that leaves while it says that it drains does not join again', async () => {
  const lease = await startLease();
  expect(await listed()).toEqual([lease.id]);
  const drained = lease.drain();
  await lease.stop();
  await drained;
  await expectLeft(1);
});

it('nor does one that leaves while its renewal of that second is under way', async () => {
  const lease = await startLease();
  await expect.poll(() => sent, { timeout: 5000, interval: 10 }).toBe(1);
  await lease.stop();
  await expectLeft(1);
});

it('nor one whose last renewals wait for each other', async () => {
  const lease = await startLease();
  await expect.poll(() => sent, { timeout: 5000, interval: 10 }).toBe(1);
  const drained = lease.drain();
  await lease.stop();
  await drained;
  await expectLeft(2);
});
