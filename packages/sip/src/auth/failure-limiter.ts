import { hash } from 'node:crypto';
import { RecentMap } from './recent-map.ts';

export interface FailureLimits {
  /** So many failures in a row cost nothing. */
  burst: number;
  /** After so many seconds one failure is forgiven. */
  forgiveSeconds: number;
  /** However many failures there were, nobody waits longer than this. */
  maximumDelaySeconds: number;
  /** How many keys are remembered; the one that failed longest ago is forgotten first. */
  maximumKeys: number;
}

/** A key longer than this is kept as its hash, so that memory is bounded whatever the keys. */
const MAXIMUM_KEY = 64;

/**
 * Counts failures for each key as a leaky bucket, in bounded memory and constant time. It slows down and never locks
 * out: past the burst a key may try once in `forgiveSeconds`. Times are milliseconds of any clock.
 */
export class FailureLimiter {
  readonly #forgive: number;
  /** How long the bucket of a burst that is just used up takes to run empty. */
  readonly #allowance: number;
  readonly #maximumDelay: number;
  /** When each bucket is empty again. */
  readonly #emptyAt: RecentMap<number>;

  constructor({ burst, forgiveSeconds, maximumDelaySeconds, maximumKeys }: FailureLimits) {
    this.#forgive = forgiveSeconds * 1_000;
    this.#allowance = (burst - 1) * this.#forgive;
    this.#maximumDelay = maximumDelaySeconds * 1_000;
    this.#emptyAt = new RecentMap(maximumKeys);
  }

  get size(): number {
    return this.#emptyAt.size;
  }

  /** Whole seconds that this key has to wait, fit for Retry-After; 0 when it may try now. */
  delay(key: string, now: number): number {
    const filled = (this.#emptyAt.get(short(key)) ?? now) - now;
    return Math.max(0, Math.ceil((filled - this.#allowance) / 1_000));
  }

  /** Counts a failure. Do not count what had to wait and was not looked at, or waiting might never end. */
  record(key: string, now: number): void {
    const name = short(key);
    const emptyAt = Math.max(this.#emptyAt.get(name) ?? now, now) + this.#forgive;
    this.#emptyAt.set(name, Math.min(emptyAt, now + this.#allowance + this.#maximumDelay));
  }

  /** Takes one failure back. */
  takeBack(key: string, now: number): void {
    const name = short(key);
    const emptyAt = (this.#emptyAt.get(name) ?? now) - this.#forgive;
    if (emptyAt > now) this.#emptyAt.set(name, emptyAt);
    else this.#emptyAt.delete(name);
  }
}

function short(key: string): string {
  return key.length > MAXIMUM_KEY ? hash('sha256', key, 'base64') : key;
}
