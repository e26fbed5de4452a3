/** Client connections in a process of their own, so that the front end's memory is its own alone. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Phone } from '../load/phone.ts';
import { targetOf } from '../load/requester.ts';
import { runMany } from '../load/run-many.ts';
import { StreamRequester } from '../load/stream-requester.ts';

export interface ClientsOptions {
  transport: 'TCP' | 'TLS';
  /** `host:port` of the front end. */
  target: string;
  domain: string;
  users: readonly string[];
  concurrency: number;
}

export interface Clients {
  /** Registrations that were not answered 200. */
  failed: number;
  close(): Promise<void>;
}

export function passwordOf(user: string): string {
  return `secret-${user}`;
}

/** Opens a connection for each user, registers on it, and leaves it idle. */
export async function openClients(options: ClientsOptions): Promise<Clients> {
  const child = fork(new URL(import.meta.url).pathname, { execArgv: [] });
  child.send(options);
  const [failed] = (await once(child, 'message')) as [number];
  return {
    failed,
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

async function serve({ transport, target, domain, users, concurrency }: ClientsOptions): Promise<void> {
  let failed = 0;
  const open: StreamRequester[] = [];
  await runMany(users, concurrency, async (user) => {
    try {
      const requester = await StreamRequester.open(transport, targetOf(target));
      open.push(requester);
      const contact = `sip:${user}@${requester.local};transport=${transport.toLowerCase()}`;
      const phone = new Phone({ user, password: passwordOf(user), domain, contact });
      if ((await phone.register(requester)).status !== 200) failed += 1;
    } catch {
      failed += 1;
    }
  });
  process.send!(failed);
  process.once('disconnect', () => process.exit());
}

if (import.meta.main) process.once('message', (options: ClientsOptions) => void serve(options));
