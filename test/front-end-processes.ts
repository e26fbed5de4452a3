import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { spawnRollcall } from '@rollcall/test-kit';

/** A front end as an operator starts it, as a process of its own. */
export interface FrontEndProcess {
  readonly child: ChildProcess;
  /** Of its inspector, when it was asked for. */
  readonly inspector: string | undefined;
  readonly addresses: Readonly<Record<'udp' | 'tcp' | 'tls' | 'ws' | 'http', string>>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, unless it has ended. */
  stop(): Promise<void>;
}

export interface FrontEndProcessOptions {
  /** With the name and password of the front ends. */
  databaseUrl: string;
  domain: string;
  flags?: readonly string[];
  /** Opens Node's inspector, so that garbage can be collected on demand. */
  inspect?: boolean;
}

export async function startFrontEndProcess(options: FrontEndProcessOptions): Promise<FrontEndProcess> {
  const { databaseUrl, domain, flags = [], inspect = false } = options;
  const listen = ['--host', '127.0.0.1', '--sip-port', '0', '--sips-port', '0', '--http-port', '0'];
  const env = {
    ...{ ...process.env, ROLLCALL_DATABASE_URL: databaseUrl, ROLLCALL_LOG_LEVEL: 'info' },
    ...(inspect && { NODE_OPTIONS: '--inspect=127.0.0.1:0' }),
  };
  const child = spawnRollcall(['front-end', '--domain', domain, ...listen, ...flags], { env });
  const ended = once(child, 'exit');
  const running = () => child.exitCode === null && child.signalCode === null;
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (!running()) return;
    child.kill(signal);
    await ended;
  };
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const addresses = await new Promise<FrontEndProcess['addresses']>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"addresses"')) resolve(JSON.parse(line).addresses);
      else said += `${line}\n`;
    });
    void ended.then(() => reject(new Error(`rollcall front-end ended:\n${said}`)));
  });
  const inspector = /^Debugger listening on (ws:.*)$/m.exec(said)?.[1];
  return { child, inspector, addresses, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}
