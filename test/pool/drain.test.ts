import { setTimeout as sleep } from 'node:timers/promises';
import type { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

/** When the connection of each client ended, ms after now. */
function endings(clients: readonly SipClient[]): number[] {
  const started = performance.now();
  const ended: number[] = [];
  for (const { connection } of clients) void connection.ended.then(() => ended.push(performance.now() - started));
  return ended;
}

it('a front end that is asked to stop sends its clients away one after the other, and serves who is still there', async () => {
  const frontEnd = await pool.addFrontEnd({ drainSeconds: 3 });
  const clients: SipClient[] = [];
  for (let phone = 0; phone < 20; phone += 1) {
    const client = await pool.client({ frontEnd, transport: phone % 4 === 0 ? 'WS' : 'TCP' });
    expect((await client.register({ contacts: [client.contact()] })).status).toBe(200);
    clients.push(client);
  }
  const ended = endings(clients);
  const stopping = frontEnd.stop();

  // Balancers and operators are told at once.
  expect((await fetch(`http://${frontEnd.addresses.http}/readyz`)).status).toBe(503);
  const udp = frontEnd.addresses.udp;
  const listed = async () => (await pool.backEnd.listFrontEnds()).find(({ addresses }) => addresses.udp === udp);
  await expect.poll(async () => (await listed())?.state, { timeout: 900 }).toBe('draining');

  const last = clients.at(-1)!;
  await expect.poll(() => ended.length, { timeout: 3000 }).toBeGreaterThan(5);
  expect((await last.register({ contacts: [last.contact()] })).status).toBe(200);

  await stopping;
  await expect.poll(() => ended.length).toBe(20);
  expect(ended[0]).toBeGreaterThan(900);
  expect(ended[19]).toBeLessThan(4500);
  for (const [index, time] of ended.slice(0, 12).entries()) expect(ended[index + 8]! - time).toBeGreaterThan(400);
  expect(await listed()).toBeUndefined();
});

it('a request that is under way when its connection would be closed is answered first', async () => {
  const frontEnd = await pool.addFrontEnd({ drainSeconds: 1 });
  const alice = await pool.client({ frontEnd, transport: 'TCP' });
  const contacts = [alice.contact()];
  const authorization = alice.authorization(await alice.exchange({ contacts }));
  const request = alice.request({ contacts, headers: [['Authorization', authorization]] });
  const held = await pool.hold(alice.account);
  alice.connection.send(request);
  await held.awaited();
  const stopping = frontEnd.stop();
  await sleep(1500); // past the time that the drain may take
  await held.release();
  expect((await alice.finalAnswer(request)).status).toBe(200);
  await stopping;
});

it('a front end that the pool has given up joins again and has its clients connect anew', async () => {
  const frontEnd = await pool.addFrontEnd();
  const alice = await pool.client({ frontEnd, transport: 'TCP' });
  expect((await alice.register({ contacts: [alice.contact()] })).status).toBe(200);
  const listed = async () =>
    (await pool.backEnd.listFrontEnds()).find(({ addresses }) => addresses.udp === frontEnd.addresses.udp);
  const before = await listed();
  // As if it had been held up for a minute.
  await pool.backEnd.removeDeadFrontEnds({ now: new Date(Date.now() + 60_000) });
  await alice.connection.ended;
  await expect.poll(async () => (await listed())?.id).toBeGreaterThan(before!.id);
  const { user, domain } = alice.account;
  await expect.poll(async () => (await pool.backEnd.listEndpoints({ user, domain })).length).toBe(0);
  const again = await pool.client({ frontEnd, transport: 'TCP', account: alice.account });
  expect((await again.register({ contacts: [again.contact()] })).status).toBe(200);
  await again.close();
});
