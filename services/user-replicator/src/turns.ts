import { hostname } from 'node:os';
import type { BackEnd, DirectoryLock } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import { pause } from './back-off.ts';
import type { EndedRun, Worker } from './worker.ts';

/** How often a replica tries whether it is its turn, ms. */
const TRY_MS = 1000;

export interface TurnsOptions {
  backEnd: Pick<BackEnd, 'lockDirectory'>;
  worker(lock: DirectoryLock): Worker;
  log: Log;
}

/** Of all replicas the one that has the lock works; the others try to have it every second. */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #stopping = new AbortController();
  #serving: Promise<void> | undefined;
  #away = false;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#serving = this.#serve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#serving;
  }

  notReady(): string[] {
    return this.#away ? ['back end away'] : [];
  }

  /** One run, when it is its turn; rejects when the back end is away. */
  async once(request: { full: boolean }, signal: AbortSignal): Promise<EndedRun> {
    const lock = await this.#take(signal, { patient: false });
    if (!lock) throw signal.reason;
    try {
      return await this.#options.worker(lock).once(request, signal);
    } finally {
      await lock.release();
    }
  }

  async #serve(): Promise<void> {
    const { worker, log } = this.#options;
    const { signal } = this.#stopping;
    for (let lock = await this.#take(signal); lock; lock = await this.#take(signal)) {
      log.info('this replica follows the directory');
      const lost = new AbortController();
      void lock.lost.then(() => lost.abort());
      await worker(lock).work(AbortSignal.any([signal, lost.signal]));
      if (!signal.aborted) log.warn('the lock was lost with its connection; another replica may have it');
      await lock.release();
    }
  }

  /** Undefined when it is stopped first. */
  async #take(signal: AbortSignal, { patient = true } = {}): Promise<DirectoryLock | undefined> {
    for (; !signal.aborted; await pause(TRY_MS, signal)) {
      const lock = await this.#tryOnce(patient);
      if (lock && signal.aborted) await lock.release();
      else if (lock) return lock;
    }
    return undefined;
  }

  async #tryOnce(patient: boolean): Promise<DirectoryLock | undefined> {
    const { backEnd, log } = this.#options;
    try {
      const taken = await backEnd.lockDirectory({ holder: `${hostname()}:${process.pid}` });
      if (this.#away) log.info('the back end answers again');
      this.#away = false;
      return taken.locked ? taken : undefined;
    } catch (error) {
      if (!patient) throw error;
      if (!this.#away) log.error({ err: error }, 'the back end is unavailable; this replica tries again every second');
      this.#away = true;
      return undefined;
    }
  }
}
