import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

describe.each(['UDP', 'TCP'] as const)('a front end that is stopped while a phone registers over %s', (transport) => {
  it('answers what is under way, refuses what is new, leaves the pool and only then ends', async () => {
    const frontEnd = await pool.addFrontEnd();
    const alice = await pool.client({ frontEnd, transport });
    const bob = await pool.client({ frontEnd, transport });
    const contacts = [alice.contact()];
    const authorization = alice.authorization(await alice.exchange({ contacts }));
    const request = alice.request({ contacts, headers: [['Authorization', authorization]] });
    const held = await pool.hold(alice.account);
    alice.connection.send(request);
    await held.awaited();

    let stopped = false;
    const stopping = frontEnd.stop().then(() => {
      stopped = true;
    });
    const refused = await bob.exchange({ contacts: [bob.contact()] });
    expect(refused.status).toBe(503);
    expect(Number(refused.header('Retry-After'))).toBeGreaterThan(0);
    const readiness = await fetch(`http://${frontEnd.addresses.http}/readyz`);
    expect(readiness.status).toBe(503);
    expect(stopped).toBe(false);

    await held.release();
    expect((await alice.finalAnswer(request)).status).toBe(200);
    await stopping;
    await expect(fetch(`http://${frontEnd.addresses.http}/healthz`)).rejects.toThrow();
    const { port } = new URL(`sip://${frontEnd.addresses.udp}`);
    const left = (await pool.backEnd.listFrontEnds()).map(({ addresses }) => addresses.udp);
    expect(left).not.toContain(`127.0.0.1:${port}`);
    // What was answered is committed: it is there for the next front end.
    const elsewhere = await pool.client({ account: alice.account });
    expect((await elsewhere.register()).contacts).toHaveLength(1);
  });
});

it('closes idle connections and frees its ports at once', async () => {
  const first = await pool.addFrontEnd();
  const idle = await pool.client({ frontEnd: first, transport: 'TCP' });
  const started = performance.now();
  await first.stop();
  await idle.connection.ended;
  expect(performance.now() - started).toBeLessThan(3000);
  const port = Number(first.addresses.tcp.split(':').at(-1));
  const next = await pool.addFrontEnd({ sipPort: port });
  const alice = await pool.client({ frontEnd: next });
  expect((await alice.register()).status).toBe(200);
});
