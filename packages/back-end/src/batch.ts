import {
  BackEndUnavailableError,
  ConflictError,
  InvalidValueError,
  OverloadedError,
  toBackEndError,
} from './errors.ts';

export interface BatchOptions<Request, Outcome> {
  /** One call of the procedure, in one transaction: resolves to one outcome a request, in their order. */
  run(requests: Request[]): Promise<Outcome[]>;
  /** Throws for what must not get into a batch. */
  check?(request: Request): void;
  /** Requests of one key keep their order and never share a batch, nor are two of them in flight at once. */
  keyOf?(request: Request): unknown;
  /** Calls in flight at once. */
  concurrency?: number;
  /** So many requests are worth a call beside those in flight; fewer wait, since they are cheaper with the next. */
  worthwhile?: number;
  /** Requests a call. */
  maximumBatch?: number;
  /** Requests that wait; past it `submit` rejects with OverloadedError. */
  maximumQueue?: number;
  /** Of those, of one key: nobody alone fills the queue for all. */
  maximumOfKey?: number;
}

/** A call in flight for longer than this is held up by something, ms: others go past it. */
const HELD_UP = 25;

interface Entry<Request, Outcome> {
  readonly request: Request;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  /** The next request of the same key, which becomes ready when this one is settled. */
  next?: Entry<Request, Outcome>;
}

/**
 * Natural batching: while calls are in flight further requests wait, and all that wait leave together as soon as a call
 * is done. A lone request leaves at the end of the turn of the event loop in which it came.
 */
export class Batcher<Request, Outcome> {
  readonly #options: Required<BatchOptions<Request, Outcome>>;
  #ready: Entry<Request, Outcome>[] = [];
  /** The last entry of each key that has any; in a box, which is emptied, since the tables that a busy Map leaves behind
   * hold on to what was in them (BriefMap of packages/sip says how). */
  readonly #last = new Map<unknown, { entry: Entry<Request, Outcome> | undefined; count: number }>();
  #waiting = 0;
  #inFlight = 0;
  #lastLeftAt = 0;
  #retry: NodeJS.Timeout | undefined;
  #scheduled = false;
  #closed: (() => void) | undefined;

  constructor(options: BatchOptions<Request, Outcome>) {
    const defaults = { concurrency: 2, worthwhile: 64, maximumBatch: 200, maximumQueue: 20_000, maximumOfKey: 1_000 };
    this.#options = { check: () => {}, keyOf: () => undefined, ...defaults, ...options };
  }

  submit(request: Request): Promise<Outcome> {
    if (this.#closed) return Promise.reject(new BackEndUnavailableError('the back end is closed'));
    if (this.#waiting >= this.#options.maximumQueue) {
      return Promise.reject(new OverloadedError(`${this.#waiting} requests are waiting for the back end`));
    }
    const key = this.#options.keyOf(request);
    const last = key === undefined ? undefined : this.#last.get(key);
    if (last && last.count >= this.#options.maximumOfKey) {
      return Promise.reject(new OverloadedError(`${last.count} requests of one account are waiting for the back end`));
    }
    return new Promise((resolve, reject) => {
      this.#options.check(request);
      this.#waiting++;
      const entry = { request, resolve, reject };
      if (last) {
        last.entry!.next = entry;
        last.entry = entry;
        last.count++;
      } else {
        if (key !== undefined) this.#last.set(key, { entry, count: 1 });
        this.#ready.push(entry);
      }
      this.#schedule();
    });
  }

  /** Takes nothing more; resolves when all that was taken is settled. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.#finishClose();
    });
  }

  /** setImmediate runs right after the sockets were read: what came in one turn leaves together. */
  #schedule(): void {
    if (this.#scheduled || this.#ready.length === 0 || !this.#mayLeave()) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#ready.length === 0) return;
      this.#lastLeftAt = performance.now();
      const batch = this.#ready.splice(0, this.#options.maximumBatch);
      this.#waiting -= batch.length;
      this.#inFlight++;
      void this.#send(batch);
      this.#schedule();
    });
  }

  #mayLeave(): boolean {
    const { concurrency, worthwhile, maximumBatch } = this.#options;
    if (this.#inFlight === 0) return true;
    if (this.#inFlight >= concurrency) return false;
    if (this.#ready.length >= Math.min(worthwhile, maximumBatch) || performance.now() - this.#lastLeftAt >= HELD_UP)
      return true;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#schedule();
    }, HELD_UP);
    return false;
  }

  async #send(batch: Entry<Request, Outcome>[]): Promise<void> {
    await this.#run(batch, 1);
    this.#inFlight--;
    for (const entry of batch) this.#release(entry);
    this.#schedule();
    this.#finishClose();
  }

  async #run(batch: Entry<Request, Outcome>[], retries: number): Promise<void> {
    try {
      const outcomes = await this.#options.run(batch.map((entry) => entry.request));
      for (const [index, entry] of batch.entries()) entry.resolve(outcomes[index]!);
    } catch (thrown) {
      const error = toBackEndError(thrown);
      // Rolled back for certain: once more.
      if (error instanceof ConflictError && retries > 0) return this.#run(batch, retries - 1);
      // One of them cannot be stored; its batch mates shall not suffer for it.
      if (error instanceof InvalidValueError && batch.length > 1) {
        for (const entry of batch) await this.#run([entry], retries);
        return;
      }
      for (const entry of batch) entry.reject(error);
    }
  }

  #release(entry: Entry<Request, Outcome>): void {
    const key = this.#options.keyOf(entry.request);
    const last = key === undefined ? undefined : this.#last.get(key);
    if (last) last.count--;
    if (entry.next) this.#ready.push(entry.next);
    else {
      if (last) last.entry = undefined;
      this.#last.delete(key);
    }
  }

  #finishClose(): void {
    if (this.#waiting === 0 && this.#inFlight === 0) this.#closed?.();
  }
}
