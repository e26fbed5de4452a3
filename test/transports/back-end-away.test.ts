import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deploy } from '@rollcall/back-end';
import { type LocalDatabase, startLocalDatabase } from '@rollcall/local-database';
import { openUnsteadyDatabase } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

const PASSWORD = 'front end of the tests';
let folder: string;
let database: LocalDatabase;
let pool: FrontEndPool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-away-'));
  database = await startLocalDatabase({ folder });
  await deploy({ databaseUrl: database.url, frontEndPassword: PASSWORD });
  const frontEndUrl = new URL(database.url);
  frontEndUrl.username = 'rollcall_front_end';
  frontEndUrl.password = PASSWORD;
  pool = await startFrontEndPool({}, { url: database.url, frontEndUrl: frontEndUrl.href });
});
afterAll(async () => {
  await pool?.stop();
  await database?.stop();
  await rm(folder, { recursive: true });
});

it('while PostgreSQL is away phones are told when to come back; when it is there again all goes on by itself', async () => {
  const desk = await pool.client();
  const mobile = await pool.client({ account: desk.account, transport: 'TCP' });
  for (const phone of [desk, mobile]) expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
  const challenged = await desk.exchange();
  const ready = async () => (await fetch(`http://${pool.frontEnd.addresses.http}/readyz`)).status;
  expect(await ready()).toBe(200);

  const { port } = new URL(database.url);
  await database.stop();
  for (const answer of [
    await desk.answerChallenge(challenged),
    await mobile.exchange({ contacts: [mobile.contact()] }),
  ]) {
    expect(answer.status).toBe(503);
    expect(Number(answer.header('Retry-After'))).toBeGreaterThan(0);
  }
  // Balancers are told, while the process lives and answers what needs no back end.
  await expect.poll(ready, { timeout: 10_000 }).toBe(503);
  expect((await fetch(`http://${pool.frontEnd.addresses.http}/healthz`)).status).toBe(200);
  const stranger = await pool.client({ account: desk.account });
  // Longer than what the front end knows of the pool is held for fresh.
  for (let second = 0; second < 4; second++) {
    expect((await mobile.exchange({ method: 'OPTIONS' })).status).toBe(200);
    expect((await stranger.exchange({ contacts: [stranger.contact()] })).status).toBe(401);
    await sleep(1000);
  }

  database = await startLocalDatabase({ folder, port: Number(port) });
  await expect.poll(ready, { timeout: 10_000 }).toBe(200);
  const answer = await desk.register();
  expect(answer.status).toBe(200);
  // Nothing that was acknowledged is lost, on no connection is a password asked for again.
  expect(answer.contacts).toHaveLength(2);
  expect((await mobile.exchange({ contacts: [mobile.contact()] })).status).toBe(200);
  // All leases had run out; nobody was taken for dead for that.
  for (let second = 0; second < 4; second++) {
    await sleep(1000);
    expect(await pool.backEnd.listEndpoints()).toHaveLength(2);
  }
  expect((await mobile.exchange({ method: 'OPTIONS' })).status).toBe(200);
});

it('when the connections to PostgreSQL break under a request it gets 503, and the front end goes on', async () => {
  const steady = new URL(pool.databaseUrl);
  const unsteady = await openUnsteadyDatabase(steady.href);
  const frontEnd = await pool.addFrontEnd({ databaseUrl: unsteady.url });
  const phone = await pool.client({ frontEnd, transport: 'TCP' });
  expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);

  const held = await pool.hold(phone.account);
  const answer = phone.exchange({ contacts: [phone.contact()] });
  await held.awaited();
  unsteady.cut();
  expect((await answer).status).toBe(503);
  await held.release();
  const again = async () => (await phone.exchange({ contacts: [phone.contact()] })).status;
  await expect.poll(again).toBe(200);
  await frontEnd.stop();
  await unsteady.close();
});
