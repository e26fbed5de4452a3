import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { startFrontEndProcess } from '../front-end-processes.ts';
import { follow } from '../http/event-client.ts';
import { call, signIn } from '../http/http-client.ts';

let pool: FrontEndPool;

beforeAll(async () => {
  pool = await startFrontEndPool();
});

afterAll(() => pool?.stop());

const frontEnds = async () => (await pool.backEnd.listFrontEnds()).length;

test('a stream of contacts ends when its front end hung for so long that the pool has given it up', async () => {
  const hung = await startFrontEndProcess({ databaseUrl: pool.databaseUrl, domain: DOMAIN });
  try {
    const [alice, bob] = [await pool.addAccount('alice'), await pool.addAccount('bob')];
    const { accessToken: token } = await signIn(pool.frontEnd, alice);
    await call(pool.frontEnd, `PUT /v1/contacts/${bob.user}@${DOMAIN}`, { token, body: {} });
    const stream = await follow(hung, { token });
    await expect.poll(() => stream.received().length).toBeGreaterThan(0);
    hung.child.kill('SIGSTOP');
    await expect.poll(frontEnds, { timeout: 15_000 }).toBe(1);
    hung.child.kill('SIGCONT');
    // Its client goes on elsewhere, and misses nothing.
    await expect.poll(() => stream.ended(), { timeout: 5000 }).toBe(true);
    const again = await follow(hung, { token });
    const told = () => again.received().map(({ data }) => data.address);
    await expect.poll(told).toContain(`${bob.user}@${DOMAIN}`);
    again.close();
  } finally {
    await hung.kill();
  }
}, 60_000);
