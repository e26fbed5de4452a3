import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploy } from '@rollcall/back-end';
import { startLocalDatabase } from '@rollcall/local-database';
import { startRedis } from '@rollcall/test-kit';

const PASSWORD = 'front end of the tests';

/** A PostgreSQL of its own and, when asked for, a Redis: what carries the bus can be taken away. */
export interface BusServer {
  readonly urls: { url: string; frontEndUrl: string };
  readonly redisUrl?: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function startBusServer(kind: 'PostgreSQL' | 'Redis'): Promise<BusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-pool-bus-'));
  let database = await startLocalDatabase({ folder });
  await deploy({ databaseUrl: database.url, frontEndPassword: PASSWORD });
  const frontEndUrl = new URL(database.url);
  frontEndUrl.username = 'rollcall_front_end';
  frontEndUrl.password = PASSWORD;
  const redis = kind === 'Redis' ? await startRedis() : undefined;
  return {
    urls: { url: database.url, frontEndUrl: frontEndUrl.href },
    ...(redis && { redisUrl: redis.url }),
    async stop() {
      if (redis) await redis.stop();
      else await database.stop();
    },
    async start() {
      if (redis) await redis.start();
      else database = await startLocalDatabase({ folder, port: Number(frontEndUrl.port) });
    },
    async remove() {
      await redis?.stop();
      await database.stop();
      await rm(folder, { recursive: true });
    },
  };
}
