import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Log } from '@rollcall/process';
import { FRONT_END_PORTS, type Places } from './places.ts';
import { Supervised } from './supervised.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface FrontEndProcessOptions {
  number: number;
  places: Places;
  databaseUrl: string;
  redisUrl: string | undefined;
  domain: string;
  /** Holds the certificate that all front ends share. */
  tlsFolder: string;
  /** Flags that are the same for all. */
  flags: readonly string[];
  /** Where the directory is. */
  directoryEnv: Readonly<Record<string, string>>;
  log: Log;
}

/** One front end of a local pool, as a process of its own. */
export function frontEndProcess(options: FrontEndProcessOptions): Supervised {
  const { number, places, databaseUrl, redisUrl, domain, tlsFolder, flags, directoryEnv, log } = options;
  const ports = Object.entries({
    '--sip-port': FRONT_END_PORTS.sip,
    '--sips-port': FRONT_END_PORTS.sips,
    '--http-port': FRONT_END_PORTS.http,
  }).flatMap(([flag, port]) => [flag, String(port)]);
  const own = ['--host', places.frontEnd(number), '--proxy-networks', places.balancer, '--domain', domain];
  const readyOf = new WeakMap<ChildProcess, () => void>();
  let current: ChildProcess | undefined;
  return new Supervised({
    name: `front end ${number}`,
    program: process.execPath,
    parameters: [MAIN, 'front-end', ...own, ...ports, ...flags],
    // Passwords are in the environment, which other users cannot read; a command line they can.
    env: {
      ...process.env,
      ...directoryEnv,
      ...{ ROLLCALL_DATABASE_URL: databaseUrl, ROLLCALL_DATA_FOLDER: tlsFolder },
      ...(redisUrl !== undefined && { ROLLCALL_REDIS_URL: redisUrl }),
    },
    line(text) {
      if (current && text.includes('"addresses"') && text.includes('"ready"')) readyOf.get(current)?.();
      process.stderr.write(`${text}\n`);
    },
    ready: (child) =>
      new Promise((resolve) => {
        current = child;
        readyOf.set(child, resolve);
      }),
    log,
  });
}
