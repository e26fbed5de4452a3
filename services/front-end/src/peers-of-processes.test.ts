import { once } from 'node:events';
import { type BackEnd, openBackEnd } from '@rollcall/back-end';
import { createLog } from '@rollcall/process';
import { createTestDatabase, spawnRollcall, type TestDatabase } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PeerUnreachableError } from './peer.ts';
import { Peers } from './peers.ts';

let database: TestDatabase;
let backEnd: BackEnd;
let peers: Peers;
let child: ReturnType<typeof spawnRollcall>;
const failures: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  backEnd = await openBackEnd({ databaseUrl: database.frontEndUrl });
  child = startFrontEnd();
  const on = { message() {}, broken() {} };
  const failed = (why: string) => failures.push(why);
  peers = await Peers.open({ host: '127.0.0.1', port: 0, backEnd, on, failed, log: createLog({ level: 'silent' }) });
});
afterAll(async () => {
  await stop('SIGKILL');
  await peers.close();
  await backEnd.close();
  await database.drop();
});

function startFrontEnd() {
  const ports = ['--sip-port', '0', '--sips-port', '0', '--http-port', '0', '--drain-seconds', '0'];
  return spawnRollcall(['front-end', '--database-url', database.frontEndUrl, ...ports]);
}

async function stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

/** Ids of the front ends that are open to others. */
async function found(): Promise<number[]> {
  const all = await backEnd.findFrontEnds();
  return all.filter(({ addresses }) => addresses.internal !== undefined).map(({ id }) => id);
}

it('a front end that hangs is given up within seconds, and reached again when it goes on', {
  timeout: 60_000,
}, async () => {
  await expect.poll(found, { timeout: 20_000 }).toHaveLength(1);
  const [id] = await found();
  const flow = await peers.flow(id!);
  child.kill('SIGSTOP');
  const stopped = performance.now();
  await expect.poll(() => flow.closed, { timeout: 10_000 }).toBe(true);
  expect(performance.now() - stopped).toBeLessThan(5000);
  const asked = performance.now();
  await expect(peers.flow(id!)).rejects.toThrow(PeerUnreachableError);
  expect(performance.now() - asked).toBeLessThan(1500);
  expect(failures[0]).toBe('hung');
  child.kill('SIGCONT');
  const reached = () => peers.flow(id!).catch(() => undefined);
  await expect.poll(async () => (await reached())?.closed, { timeout: 10_000 }).toBe(false);
});

it('one that was killed and started anew is reached under its new id at once', { timeout: 60_000 }, async () => {
  const [old] = await found();
  await peers.flow(old!);
  await stop('SIGKILL');
  await expect.poll(() => peers.connected(old!)).toBeUndefined();
  await expect(peers.flow(old!)).rejects.toThrow(PeerUnreachableError);
  child = startFrontEnd();
  await expect.poll(async () => (await found()).at(-1), { timeout: 20_000 }).toBeGreaterThan(old!);
  const flow = await peers.flow((await found()).at(-1)!);
  expect(flow.closed).toBe(false);
  await stop('SIGTERM');
  await expect.poll(() => flow.closed).toBe(true);
});
