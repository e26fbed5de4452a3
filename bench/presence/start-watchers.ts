import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface WatcherCounts {
  /** NOTIFYs, each once. */
  notifications: number;
  retransmissions: number;
  /** NOTIFYs with a CSeq below one that has come before in the same dialog. */
  outOfOrder: number;
  /** ms of the monotonic clock when the latest came. */
  lastAt: number;
}

/** Watchers in a process of their own that answer every NOTIFY with 200. */
export interface Watchers {
  readonly count: number;
  /** ms of the monotonic clock when the last of them was told of "state N" or a later one. @throws after `seconds` */
  told(state: number, seconds: number): Promise<number>;
  /** Since they subscribed. */
  counts(): Promise<WatcherCounts>;
  stop(): Promise<void>;
}

export interface WatchersOptions {
  /** host:port of UDP. */
  target: string;
  /** Whom they watch. */
  user: string;
  count: number;
  /** They are PREFIX1, PREFIX2, ... */
  prefix: string;
  /** They register before they subscribe. */
  register: boolean;
}

type Report = { ready?: true; state?: number; at?: number; counts?: WatcherCounts };

export async function startWatchers(options: WatchersOptions): Promise<Watchers> {
  const { target, user, count, prefix, register } = options;
  const file = new URL('watchers.ts', import.meta.url).pathname;
  const args = [file, target, user, String(count), prefix, register ? 'register' : 'anybody'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const times = new Map<number, number>();
  const waiting = new Map<number, (at: number) => void>();
  // A listener of its own would miss counts that come with a state in one piece.
  let counted: ((counts: WatcherCounts) => void) | undefined;
  await new Promise<void>((resolve, reject) => {
    child.on('message', (report: Report) => {
      if (report.ready) resolve();
      if (report.counts) counted?.(report.counts);
      if (report.state === undefined) return;
      times.set(report.state, report.at!);
      waiting.get(report.state)?.(report.at!);
      waiting.delete(report.state);
    });
    void ended.then(() => reject(new Error(`the watchers ${prefix} could not subscribe at ${target}`)));
    setTimeout(() => reject(new Error(`the watchers ${prefix} had no first NOTIFY in 30 s`)), 30_000).unref();
  });
  return {
    count,
    told: (state, seconds) =>
      new Promise((resolve, reject) => {
        const at = times.get(state);
        if (at !== undefined) return resolve(at);
        const timer = setTimeout(() => {
          reject(new Error(`not all of ${prefix} were told of state ${state} in ${seconds} s`));
        }, seconds * 1000);
        waiting.set(state, (time) => {
          clearTimeout(timer);
          resolve(time);
        });
      }),
    counts: () =>
      new Promise((resolve) => {
        counted = resolve;
        child.send('counts');
      }),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}
