import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { deploy, openBackEnd } from '@rollcall/back-end';
import { ha1 } from '@rollcall/sip';
import type { Server } from './server.ts';

export const FRONT_END_PASSWORD = 'bench';
export const REPLICATOR_PASSWORD = 'bench replicator';

const RUN = new URL('../../scripts/run', import.meta.url).pathname;

/** Deploys the back end and adds accounts, as `rollcall account import` does. */
export async function loadRollcall(
  databaseUrl: string,
  domain: string,
  names: readonly string[],
  password: (name: string) => string,
): Promise<void> {
  await deploy({ databaseUrl, frontEndPassword: FRONT_END_PASSWORD });
  const backEnd = await openBackEnd({ databaseUrl });
  await backEnd.createDomain(domain);
  for (let start = 0; start < names.length; start += 1000) {
    await backEnd.importAccounts(
      names.slice(start, start + 1000).map((user) => ({
        user,
        domain,
        ha1: { MD5: ha1('MD5', user, domain, password(user)) },
      })),
    );
  }
  await backEnd.close();
}

/** The URL that a front end uses: no superuser's. */
export function frontEndUrl(databaseUrl: string): string {
  return Object.assign(new URL(databaseUrl), { username: 'rollcall_front_end', password: FRONT_END_PASSWORD }).href;
}

export function replicatorUrl(databaseUrl: string): string {
  return Object.assign(new URL(databaseUrl), { username: 'rollcall_replicator', password: REPLICATOR_PASSWORD }).href;
}

export interface FrontEndServer extends Server {
  /** `host:port` of each listener. */
  readonly addresses: { udp: string; tcp: string; tls: string; ws: string; http: string };
  /** What it has logged as an error, a line each. */
  readonly errors: readonly string[];
  /** False when it has ended by itself. */
  readonly alive: boolean;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** Of its inspector, for heap.ts; only when it was asked for. */
  readonly inspector: string | undefined;
}

export interface FrontEndServerOptions {
  /** Opens Node's inspector, so that garbage can be collected on demand. */
  inspect?: boolean;
  /** Flags besides domain, host and ports. */
  flags?: readonly string[];
}

/** Starts one front end as its own process, as an operator would. */
export async function startRollcall(
  database: string | { frontEndUrl: string },
  domain: string,
  { inspect = false, flags = [] }: FrontEndServerOptions = {},
): Promise<FrontEndServer> {
  const args = ['front-end', '--domain', domain, '--host', '127.0.0.1'];
  const ports = ['--sip-port', '0', '--sips-port', '0', '--http-port', '0'];
  const child = spawn('sh', [RUN, ...args, ...ports, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ROLLCALL_DATABASE_URL: typeof database === 'string' ? frontEndUrl(database) : database.frontEndUrl,
      ROLLCALL_LOG_LEVEL: 'info',
      ...(inspect && { NODE_OPTIONS: '--inspect=127.0.0.1:0' }),
    },
  });
  const errors: string[] = [];
  let inspector: string | undefined;
  createInterface({ input: child.stderr }).on('line', (line) => {
    const url = /^Debugger listening on (ws:.*)/.exec(line)?.[1];
    if (url) inspector = url;
    else if (!line.startsWith('For help, see:') && !line.startsWith('Debugger ')) console.error(line);
  });
  const addresses = await new Promise<FrontEndServer['addresses']>((resolve, reject) => {
    child.once('exit', (status) => reject(new Error(`rollcall front-end ended with status ${status}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"addresses"')) resolve(JSON.parse(line).addresses);
      else if (/"level":"(error|fatal)"/.test(line)) errors.push(line);
    });
  });
  const alive = () => child.exitCode === null && child.signalCode === null;
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (!alive()) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    name: 'Rollcall',
    target: addresses.udp,
    addresses,
    errors,
    process: child.pid!,
    inspector,
    get alive() {
      return alive();
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
