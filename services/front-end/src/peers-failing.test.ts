import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PeerUnreachableError } from './peer.ts';
import { PeersTestPool } from './peers-test-pool.ts';

let pool: PeersTestPool;
beforeEach(() => {
  pool = new PeersTestPool();
});
afterEach(() => pool.stop());

async function timed(run: () => Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const begun = performance.now();
  const error = await run().then(
    () => undefined,
    (thrown) => thrown,
  );
  return { error, ms: performance.now() - begun };
}

describe('a front end that is not there', () => {
  it('and that the pool does not know is no way, and a flood of such asks the back end twice a second', async () => {
    const first = await pool.start(1);
    for (let id = 100; id < 200; id += 1) await expect(first.peers.flow(id)).rejects.toThrow(PeerUnreachableError);
    expect(pool.asked).toBeGreaterThan(0);
    expect(pool.asked).toBeLessThanOrEqual(2);
  });

  it('fails at once when its machine refuses', async () => {
    const [first, second] = [await pool.start(1), await pool.start(2)];
    await second.close();
    const { error, ms } = await timed(() => first.peers.flow(2));
    expect(error).toBeInstanceOf(PeerUnreachableError);
    expect(ms).toBeLessThan(500);
    expect(pool.failures).toEqual(['refused']);
  });

  it('fails within a second when its process hangs, and those that come next at once', async () => {
    const first = await pool.start(1);
    // As the kernel does for a process that hangs: it accepts connections and never says a word.
    await pool.startServer(2);
    const attempts = await Promise.all([timed(() => first.peers.flow(2)), timed(() => first.peers.flow(2))]);
    for (const { error, ms } of attempts) {
      expect(error).toBeInstanceOf(Error);
      expect(ms).toBeLessThan(1500);
    }
    expect((await timed(() => first.peers.flow(2))).ms).toBeLessThan(100);
    expect(pool.failures).toEqual(['no-answer']);
  });

  it('is reached with the list of before while the back end is away', async () => {
    let away = false;
    const backEnd = {
      findFrontEnds: async () => (away ? Promise.reject(new Error('away')) : pool.findFrontEnds()),
    };
    const [first, second] = [await pool.start(1, { backEnd }), await pool.start(2)];
    expect(await first.ask(2)).toBe(200);
    await sleep(5100); // until the list is old
    away = true;
    (await first.peers.flow(2)).close();
    await expect.poll(() => first.peers.connected(2)).toBeUndefined();
    expect(await first.ask(2)).toBe(200);
    expect(second.came).toHaveLength(2);
  }, 10_000);
});

it('requests on a front end that stops answering fail within four seconds, though their transactions have 32', async () => {
  const first = await pool.start(1);
  // It answers the first keep-alive, then hangs.
  await pool.startServer(2, (socket) => socket.once('data', () => socket.write('\r\n')));
  const begun = performance.now();
  expect(await first.ask(2)).toBe('transport error');
  expect(performance.now() - begun).toBeLessThan(4500);
  expect(pool.failures).toEqual(['hung']);
});

it('a front end that reads nothing holds a bounded part of the memory', async () => {
  const first = await pool.start(1);
  await pool.startServer(2, (socket) => {
    socket.write('\r\n');
    socket.pause();
  });
  const flow = await first.peers.flow(2);
  let sent = 0;
  for (; !flow.closed && sent < 100 << 20; sent += 1 << 16) flow.send(Buffer.alloc(1 << 16));
  expect(flow.closed).toBe(true);
  // Some backlog is no reason to give it up.
  expect(sent).toBeGreaterThan(1 << 18);
  expect(sent).toBeLessThan(32 << 20);
});
