import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers, freePort } from './ports.ts';

/** A redis-server of its own that keeps nothing on disk. */
export interface TestRedis {
  readonly url: string;
  /** As a crash would end it. */
  stop(): Promise<void>;
  /** Again, on the same port. */
  start(): Promise<void>;
}

const STARTS_WITHIN_MS = 10_000;

/** @throws when redis-server is not installed (scripts/install-test-tools does that) */
export async function startRedis(): Promise<TestRedis> {
  let server: ChildProcess | undefined;
  const port = await freePort();
  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}/0`,
    async start() {
      server = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
        stdio: 'ignore',
      });
      await once(server, 'spawn');
      for (let waited = 0; !(await answers(port)); waited += 20) {
        if (waited > STARTS_WITHIN_MS) throw new Error('redis-server does not answer');
        await sleep(20);
      }
    },
    async stop() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    },
  };
  await redis.start();
  return redis;
}
