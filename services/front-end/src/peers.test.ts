import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PeerUnreachableError } from './peer.ts';
import { PeersTestPool } from './peers-test-pool.ts';

let pool: PeersTestPool;
beforeEach(() => {
  pool = new PeersTestPool();
});
afterEach(() => pool.stop());

describe('two front ends', () => {
  it('reach each other over one connection, which the other one knows to be internal', async () => {
    const [first, second] = [await pool.start(1), await pool.start(2)];
    expect(first.peers.connected(2)).toBeUndefined();
    expect(await Promise.all([first.ask(2), first.ask(2), first.ask(2)])).toEqual([200, 200, 200]);
    expect(first.peers.connected(2)).toBe(await first.peers.flow(2));
    expect(second.came.map(({ internal }) => internal)).toEqual([true, true, true]);
    expect(new Set(second.came.map(({ flow }) => flow)).size).toBe(1);
    expect([first.peers.connections, second.peers.connections]).toEqual([1, 1]);
    expect(pool.asked).toBe(1);
    expect(await second.ask(1)).toBe(200);
  });

  it('keep their connection open while nothing is said on it', async () => {
    const [first] = [await pool.start(1), await pool.start(2)];
    const flow = await first.peers.flow(2);
    await sleep(4500); // more keep-alives than may go without an answer: the absence of something
    expect(flow.closed).toBe(false);
    expect(await first.ask(2)).toBe(200);
    expect(pool.failures).toEqual([]);
  });

  it('find each other again when one of them has been started anew', async () => {
    const [first, second] = [await pool.start(1), await pool.start(2)];
    expect(await first.ask(2)).toBe(200);
    await second.close();
    pool.addresses.delete(2);
    await pool.start(3);
    await expect.poll(() => first.peers.connected(2)).toBeUndefined();
    await expect.poll(() => first.ask(3).catch((error) => error), { timeout: 3000 }).toBe(200);
    await expect
      .poll(() => first.peers.flow(2).catch((error) => error), { timeout: 8000 })
      .toBeInstanceOf(PeerUnreachableError);
  });
});
