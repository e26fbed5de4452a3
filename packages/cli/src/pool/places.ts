import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { CommandError } from '../command-error.ts';

/** Where the front ends and the balancers of a local pool are, on addresses of this machine's own. */
export interface Places {
  /** The address of the front end with that number, from 1. */
  frontEnd(number: number): string;
  /** The address from which the balancers come: the only one whose PROXY headers front ends believe. */
  balancer: string;
}

/** Below the ports that the kernel gives to outgoing connections, so that a front end finds its own again. */
export const FRONT_END_PORTS = { sip: 25_060, sips: 25_061, http: 28_080 } as const;

/** Of 127.0.0.0/8: like machines of their own, and no port is in anybody's way. The same for a folder at each start. */
export async function findPlaces(data: string): Promise<Places> {
  const hash = createHash('sha256').update(data).digest();
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const network = `127.${64 + (hash[0]! % 64)}.${(hash[1]! + attempt) % 256}`;
    if (await isFree(`${network}.1`, FRONT_END_PORTS.sip))
      return { frontEnd: (number) => `${network}.${number}`, balancer: `${network}.254` };
  }
  throw new CommandError(
    'A pool on one machine needs addresses like 127.64.0.1, and this machine has none: run it on Linux, or with Docker.',
  );
}

/** The port itself, or a free one for 0. */
export async function portOrFree(host: string, port: number): Promise<number> {
  if (port !== 0) return port;
  const server = createServer().listen({ host, port: 0 });
  await once(server, 'listening');
  const free = (server.address() as { port: number }).port;
  server.close();
  await once(server, 'close');
  return free;
}

async function isFree(host: string, port: number): Promise<boolean> {
  try {
    const server = createServer().listen({ host, port });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
