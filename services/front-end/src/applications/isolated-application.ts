import type { Worker } from 'node:worker_threads';
import type { Log } from '@rollcall/process';
import type { ApplicationMessage, SentMessage } from './application.ts';
import { boundedSend } from './bounded-send.ts';
import { Failures } from './failures.ts';
import type { RequestData } from './request-data.ts';
import { startThread } from './start-thread.ts';
import type { FromThread, ToThread } from './thread-messages.ts';
import { type Failure, type FailureReason, failed, type Verdict } from './verdict.ts';

export interface IsolatedApplicationOptions {
  url: URL;
  /** ms for a verdict. */
  budget: number;
  log: Log;
  send(message: ApplicationMessage): Promise<SentMessage>;
  onFailure(name: string, why: FailureReason): void;
}

const STOP_MS = 1000;
/** A thread that is asked after a request ran out of time, and says nothing for so long, is blocked. */
const BLOCKED_MS = 1000;
const RESTART_MS = 1000;
const MAXIMUM_PENDING = 1000;

interface Pending {
  resolve(verdict: Verdict): void;
  readonly timer: NodeJS.Timeout;
}

/** One application in a thread of its own, so that nothing that it does can hold up or end the front end. */
export class IsolatedApplication {
  readonly name: string;
  readonly #methods: ReadonlySet<string> | undefined;
  readonly #options: IsolatedApplicationOptions;
  readonly #send: IsolatedApplicationOptions['send'];
  readonly #failures = new Failures();
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #requests = 0;
  #blocked: NodeJS.Timeout | undefined;
  /** Until when it may be silent. */
  #patience = Number.POSITIVE_INFINITY;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;

  /** @throws ApplicationError that says what is wrong with it */
  static async start(options: IsolatedApplicationOptions): Promise<IsolatedApplication> {
    const { worker, name, methods } = await startThread(options);
    return new IsolatedApplication(options, worker, name, methods);
  }

  private constructor(
    options: IsolatedApplicationOptions,
    worker: Worker,
    name: string,
    methods: readonly string[] | undefined,
  ) {
    this.name = name;
    this.#options = options;
    this.#send = boundedSend(options.send, options.log);
    this.#methods = methods && new Set(methods);
    this.#follow(worker);
  }

  /** Whether it is to be shown a request of that method now. */
  wants(method: string): boolean {
    if (!this.#worker || (this.#methods && !this.#methods.has(method))) return false;
    const now = performance.now();
    // When it does not even say that it runs, no further request waits for it.
    return now < this.#patience && this.#failures.leftOutFor(now) === 0;
  }

  /** Shows it a request. Resolves when it has decided, or its time is up; never rejects. */
  async run(data: RequestData): Promise<Verdict> {
    const verdict = await this.#ask(data);
    if (verdict.verdict === 'failed') this.#failed(verdict);
    else this.#failures.succeeded();
    return verdict;
  }

  /** A verdict that it gave turned out to be nonsense. */
  gaveNonsense(error: unknown): void {
    this.#failed(failed('invalid', error));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    this.#post({ kind: 'stop' });
    const late = setTimeout(() => void worker.terminate(), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  #ask(data: RequestData): Promise<Verdict> {
    if (!this.#worker) return Promise.resolve(failed('died', 'its thread has ended'));
    if (this.#pending.size >= MAXIMUM_PENDING) {
      return Promise.resolve(failed('overloaded', `${MAXIMUM_PENDING} requests wait for it`));
    }
    this.#requests += 1;
    const id = this.#requests;
    return new Promise((resolve) => {
      // Its verdict may be here already, unread, when this thread was busy: read that first.
      const timer = setTimeout(() => setImmediate(() => this.#timedOut(id)), this.#options.budget);
      this.#pending.set(id, { resolve, timer });
      this.#post({ kind: 'request', id, data });
    });
  }

  #timedOut(id: number): void {
    if (!this.#pending.has(id)) return;
    this.#settle(id, failed('timed_out', `no verdict within ${this.#options.budget} ms`));
    this.#post({ kind: 'ping' });
    if (this.#blocked) return;
    this.#patience = performance.now() + this.#options.budget;
    this.#blocked = setTimeout(() => {
      this.#options.log.error({ application: this.name }, 'a blocked application is ended');
      void this.#worker?.terminate();
    }, BLOCKED_MS);
  }

  #settle(id: number, verdict: Verdict): void {
    const pending = this.#pending.get(id);
    if (!pending) return; // too late
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    pending.resolve(verdict);
  }

  #follow(worker: Worker): void {
    this.#worker = worker;
    let error: unknown = 'its thread has ended by itself';
    worker.on('message', (message: FromThread) => this.#receive(message));
    worker.on('error', (thrown) => {
      error = thrown;
    });
    worker.once('exit', () => this.#ended(error));
  }

  #ended(error: unknown): void {
    this.#worker = undefined;
    this.#unblocked();
    if (this.#stopping) return;
    const failure = failed('died', error);
    if (this.#pending.size === 0) this.#failed(failure);
    for (const id of [...this.#pending.keys()]) this.#settle(id, failure);
    this.#restartAfter(Math.max(RESTART_MS, this.#failures.leftOutFor(performance.now())));
  }

  #restartAfter(milliseconds: number): void {
    this.#restart = setTimeout(async () => {
      try {
        const { worker } = await startThread(this.#options);
        if (this.#stopping) return void worker.terminate();
        this.#follow(worker);
        this.#options.log.warn({ application: this.name }, 'application started anew');
      } catch (error) {
        if (this.#stopping) return;
        this.#failed(failed('died', error));
        this.#restartAfter(Math.max(RESTART_MS, this.#failures.leftOutFor(performance.now())));
      }
    }, milliseconds);
  }

  #receive(message: FromThread): void {
    this.#unblocked();
    switch (message.kind) {
      case 'verdict':
        this.#settle(message.id, message.verdict);
        break;
      case 'later':
        this.#failed(message.failure);
        break;
      case 'log':
        this.#options.log.info({ application: this.name }, message.text);
        break;
      case 'send':
        void this.#send(message.message).then((outcome) => this.#post({ kind: 'sent', id: message.id, outcome }));
        break;
      case 'stopped':
        void this.#worker?.terminate();
    }
  }

  #failed({ why, detail }: Failure): void {
    this.#options.onFailure(this.name, why);
    const leftOut = this.#failures.failed(performance.now());
    this.#options.log.warn({ application: this.name, why, detail }, 'application failed');
    if (leftOut)
      this.#options.log.error({ application: this.name }, 'application left out for 30 s: it failed 5 times in a row');
  }

  #unblocked(): void {
    clearTimeout(this.#blocked);
    this.#blocked = undefined;
    this.#patience = Number.POSITIVE_INFINITY;
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }
}
