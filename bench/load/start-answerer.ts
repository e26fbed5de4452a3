import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Answerer {
  /** Requests that it has answered, or taken, by method. */
  stop(): Promise<Record<string, number>>;
}

export interface AnswererOptions {
  transport: 'UDP' | 'TCP';
  /** host:port where its phones register. */
  target: string;
  users: number;
  /** Its phones are PREFIX1, PREFIX2, ... */
  prefix: string;
}

/** Phones in a process of their own that are registered and answer every request with 200. */
export async function startAnswerer({ transport, target, users, prefix }: AnswererOptions): Promise<Answerer> {
  const file = new URL('answerer.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [file, transport, target, String(users), prefix], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  let last = '';
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      last = line;
      resolve();
    });
    void ended.then(() => reject(new Error(`the phones ${prefix} could not register at ${target}`)));
  });
  return {
    async stop() {
      if (child.exitCode !== null) return {};
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
      return last.startsWith('{') ? JSON.parse(last) : {};
    },
  };
}
