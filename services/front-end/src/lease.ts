import type { BackEnd, FrontEndAddresses } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';

/** Renewed every second, gone after three missed. */
const RENEW_MS = 1000;
const MISSES = 3;
const LEASE_MS = MISSES * RENEW_MS;

export interface LeaseOptions {
  backEnd: Pick<BackEnd, 'joinFrontEnd' | 'renewFrontEndLease' | 'leaveFrontEnd'>;
  addresses: FrontEndAddresses;
  /** Client connections that are open now. */
  connections(): number;
  /** The pool has given this front end up and forgotten what was registered over its connections. */
  lost(): void;
  log: Log;
}

/** This front end's place in the pool. When the pool has given it up meanwhile it joins again, under a new id. */
export class Lease {
  readonly #options: LeaseOptions;
  #id = 0;
  #timer: NodeJS.Timeout | undefined;
  #renewal: Promise<void> | undefined;
  #missed = 0;
  #state: 'serving' | 'draining' = 'serving';
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** Since when no renewal was late. */
  #steadySince = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** What the back end knows this front end by. */
  get id(): number {
    return this.#id;
  }

  /** False when the back end has not answered for three seconds. */
  get held(): boolean {
    return this.#missed < MISSES;
  }

  /**
   * False until the lease has been renewed in time for as long as a lease runs. After an outage of the back end all
   * leases have run out together, and no front end may take the others for dead before they could renew theirs.
   */
  get steady(): boolean {
    const now = performance.now();
    return now - this.#renewedAt < LEASE_MS && now - this.#steadySince >= LEASE_MS;
  }

  async start(): Promise<void> {
    this.#id = await this.#join();
    this.#renewed();
    this.#timer = setInterval(() => {
      if (this.#renewal) this.#miss(new Error('the last renewal is still under way'));
      else void this.#renewNext();
    }, RENEW_MS);
  }

  /** Says at once that this front end takes no new clients any more. */
  async drain(): Promise<void> {
    this.#state = 'draining';
    await this.#renewNext();
  }

  /** Leaves the pool, after the last renewal: one that came later would find it gone, and join again. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewal;
    await this.#options.backEnd.leaveFrontEnd(this.#id).catch((error) => {
      this.#options.log.warn({ err: error }, 'the back end was not told that this front end leaves; it will notice');
    });
  }

  #join(): Promise<number> {
    const { backEnd, addresses } = this.#options;
    return backEnd.joinFrontEnd({ processId: process.pid, addresses });
  }

  /** Renewals follow one another. */
  #renewNext(): Promise<void> {
    const renewal = (this.#renewal ?? Promise.resolve()).then(() => this.#renew());
    this.#renewal = renewal;
    return renewal.finally(() => {
      if (this.#renewal === renewal) this.#renewal = undefined;
    });
  }

  async #renew(): Promise<void> {
    const { backEnd, connections, log, lost } = this.#options;
    try {
      const renewal = { frontEndId: this.#id, connections: connections(), state: this.#state };
      if ((await backEnd.renewFrontEndLease(renewal)) === 'gone') {
        this.#id = await this.#join();
        log.warn({ id: this.#id }, 'the pool had given this front end up; it has joined again, its clients must too');
        lost();
      }
      if (!this.held) log.info('the back end answers again');
      this.#missed = 0;
      this.#renewed();
    } catch (error) {
      this.#miss(error);
    }
  }

  #renewed(): void {
    const now = performance.now();
    if (now - this.#renewedAt >= LEASE_MS) this.#steadySince = now;
    this.#renewedAt = now;
  }

  #miss(error: unknown): void {
    this.#missed += 1;
    if (this.#missed === MISSES) this.#options.log.error({ err: error }, 'the back end has not answered for 3 s');
  }
}
