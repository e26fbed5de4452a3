import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalDatabase, startLocalDatabase } from '@rollcall/local-database';
import { startRedis } from '@rollcall/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { deploy } from '../deploy/deploy.ts';
import type { Bus, Keys } from './bus.ts';
import { makeBus } from './make-bus.ts';

const PASSWORD = 'front end of the tests';

/** What carries the messages, and can be taken away. */
interface Server {
  options: { databaseUrl: string; redisUrl?: string };
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

async function startPostgres(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bus-'));
  let database: LocalDatabase = await startLocalDatabase({ folder });
  await deploy({ databaseUrl: database.url, frontEndPassword: PASSWORD });
  const url = new URL(database.url);
  // With the rights of a front end, no more.
  url.username = 'rollcall_front_end';
  url.password = PASSWORD;
  return {
    options: { databaseUrl: url.href },
    stop: () => database.stop(),
    start: async () => {
      database = await startLocalDatabase({ folder, port: Number(url.port) });
    },
    remove: async () => {
      await database.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function startRedisServer(): Promise<Server> {
  const redis = await startRedis();
  const options = { databaseUrl: 'postgres://127.0.0.1:1/none', redisUrl: redis.url };
  return { options, stop: redis.stop, start: redis.start, remove: redis.stop };
}

describe.each([
  ['PostgreSQL', startPostgres],
  ['Redis', startRedisServer],
])('the bus over %s', (_name, startServer) => {
  let server: Server;
  let buses: Bus[] = [];
  beforeAll(async () => {
    server = await startServer();
  });
  afterEach(async () => {
    for (const bus of buses) await bus.close();
    buses = [];
  });
  afterAll(() => server?.remove());

  const open = async (onChange = (_connected: boolean) => {}) => {
    const bus = makeBus({ ...server.options, onChange });
    buses.push(bus);
    await bus.start();
    return bus;
  };
  /** What `bus` hears of accounts from now on; undefined: of everything. */
  const listen = (bus: Bus) => {
    const heard: Keys[] = [];
    bus.subscribe('account', (keys) => heard.push(keys));
    return heard;
  };

  it('tells every process, the own one once, and nobody of another topic', async () => {
    const [one, two, three] = [await open(), await open(), await open()];
    const heard = [one, two, three].map(listen);
    const others: Keys[] = [];
    two.subscribe('endpoint', (keys) => others.push(keys));
    one.publish('account', ['alice@example.org', 'a "quoted", søren\n👩@example.org']);
    await expect.poll(() => heard.every((each) => each.length > 0)).toBe(true);
    two.publish('account', ['bob@example.org']);
    await expect.poll(() => heard.flat().length).toBe(6);
    for (const each of heard) {
      expect(each).toEqual([['alice@example.org', 'a "quoted", søren\n👩@example.org'], ['bob@example.org']]);
    }
    expect(others).toEqual([]);
  });

  it('carries 5,000 keys in a few messages, in their order', async () => {
    const [one, two] = [await open(), await open()];
    const heard = listen(two);
    const keys = Array.from({ length: 5000 }, (_, n) => `user-${n}@example.org`);
    for (const key of keys) one.publish('account', [key]);
    await expect.poll(() => heard.flat().length).toBe(5000);
    expect(heard.flat()).toEqual(keys);
    expect(heard.length).toBeLessThan(25);
  });

  it('asks others to look for themselves when there is too much to say', async () => {
    const [one, two] = [await open(), await open()];
    const heard = listen(two);
    one.publish(
      'account',
      Array.from({ length: 10_001 }, (_, n) => `user-${n}@example.org`),
    );
    await expect.poll(() => heard).toEqual([undefined]);
    one.publish('account', ['x'.repeat(100_000)]);
    await expect.poll(() => heard).toEqual([undefined, undefined]);
  });

  it('stops telling whoever has had enough', async () => {
    const [one, two] = [await open(), await open()];
    const heard: Keys[] = [];
    const end = two.subscribe('account', (keys) => heard.push(keys));
    const still = listen(two);
    end();
    one.publish('account', ['alice@example.org']);
    await expect.poll(() => still).toHaveLength(1);
    expect(heard).toEqual([]);
  });

  it('sends what was published right before it closes, as a command does', async () => {
    const two = await open();
    const heard = listen(two);
    const command = makeBus(server.options);
    await command.start();
    command.publish('account', ['alice@example.org']);
    await command.close();
    await expect.poll(() => heard).toEqual([['alice@example.org']]);
  });

  it('comes back by itself after its server was away, sends what waited and says that something may be lost', async () => {
    const changes = vi.fn();
    const [one, two] = [await open(changes), await open()];
    const [mine, theirs] = [listen(one), listen(two)];
    await server.stop();
    await expect.poll(() => one.connected || two.connected, { timeout: 5000 }).toBe(false);

    // Its own process hears of it all the same.
    one.publish('account', ['alice@example.org']);
    await expect.poll(() => mine).toEqual([['alice@example.org']]);
    const late = await open();
    expect(late.connected).toBe(false);

    await server.start();
    await expect.poll(() => one.connected && two.connected && late.connected, { timeout: 10_000 }).toBe(true);
    expect(mine).toContain(undefined);
    expect(theirs).toContain(undefined);
    one.publish('account', ['bob@example.org']);
    await expect.poll(() => theirs.flat()).toContain('bob@example.org');
    expect(changes.mock.calls.map(([connected]) => connected)).toEqual([false, true]);
  });

  it('closes at once while its server is away', async () => {
    const bus = await open();
    await server.stop();
    bus.publish('account', ['alice@example.org']);
    const started = performance.now();
    await bus.close();
    expect(performance.now() - started).toBeLessThan(3000);
    await server.start();
  });
});
