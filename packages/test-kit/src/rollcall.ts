import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type CommandOptions, spawnRollcall } from './rollcall-command.ts';

export { type CommandOptions, type CommandResult, runRollcall } from './rollcall-command.ts';

/** What `rollcall start --json` prints when it is ready. */
export interface Ready {
  domain: string;
  data: string;
  /** `host:port` of each listener. */
  addresses: { udp: string; tcp: string; tls: string; ws: string; http: string };
  /** Made by a first start. */
  accounts: { user: string; domain: string; role: 'admin' | 'user'; password: string }[];
}

export interface Rollcall extends Ready {
  readonly child: ChildProcess;
  /** Everything it has written so far. */
  output(): { stdout: string; stderr: string };
  /** Asks it to stop. @returns its exit status; null when the signal ended it */
  stop(signal?: 'SIGTERM' | 'SIGINT' | 'SIGHUP'): Promise<number | null>;
  /** kill -9 */
  kill(): Promise<void>;
}

export interface RollcallOptions extends Omit<CommandOptions, 'input'> {
  /** The data folder; it is the test's to remove. */
  data: string;
  /** More flags, e.g. `['--domain', 'example.org']`. Ports are free ones unless given. */
  args?: readonly string[];
  /** How long the start may take, ms. */
  deadline?: number;
}

/** Starts a Standard Edition as a process of its own and waits until it is ready. @throws with its output when it ends first */
export async function startRollcall(options: RollcallOptions): Promise<Rollcall> {
  const { data, args = [], deadline = 60_000 } = options;
  const ports = ['--sip-port', '--sips-port', '--http-port'].flatMap((flag) =>
    args.includes(flag) ? [] : [flag, '0'],
  );
  const child = spawnRollcall(['start', '--json', '--data', data, ...ports, ...args], options);
  const output = { stdout: '', stderr: '' };
  const ended = once(child, 'exit'); // not 'close': what it leaves behind may hold its pipes
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };

  const ready = await new Promise<Ready>((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`${what}\n${output.stdout}${output.stderr}`));
    const timer = setTimeout(() => fail(`rollcall was not ready after ${deadline} ms`), deadline);
    child.once('exit', (status, signal) => fail(`rollcall ended before it was ready (${signal ?? status})`));
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
        const end = output.stdout.indexOf('\n');
        if (name !== 'stdout' || end < 0) return;
        clearTimeout(timer);
        resolve(JSON.parse(output.stdout.slice(0, end)));
      });
    }
  }).catch(async (error) => {
    await kill();
    throw error;
  });

  return {
    ...ready,
    child,
    output: () => ({ ...output }),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
    kill,
  };
}
