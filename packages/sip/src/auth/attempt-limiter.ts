import { hash } from 'node:crypto';
import { FailureLimiter, type FailureLimits } from './failure-limiter.ts';
import { RecentMap } from './recent-map.ts';

/** Someone who says who they are. */
export interface Attempt {
  readonly source: string;
  readonly account: string;
  /** Both, as one key of bounded length. */
  readonly pair: string;
}

/** `source` is an address without port, `account` what the credentials name. */
export function makeAttempt(source: string, account: string): Attempt {
  const pair = `${source} ${account}`;
  return { source, account, pair: pair.length > 64 ? hash('sha256', pair, 'base64') : pair };
}

export interface AttemptLimits {
  /** One source on one account: somebody who types, or a phone with an old password. */
  pair: FailureLimits;
  /** One account from anywhere: guessing that is spread over many addresses. */
  account: FailureLimits;
  /** One source on all accounts: wide, since thousands of phones may share the address of a NAT. */
  source: FailureLimits;
  /** A pair that has succeeded before, in place of the three others: others' failures do not slow it. */
  trusted: FailureLimits;
}

const KEYS = { maximumKeys: 50_000 };

/** For each front end: 6 guesses a minute for one source or one account, 2 a second for one source on all accounts. */
export const ATTEMPT_LIMITS: AttemptLimits = {
  pair: { burst: 5, forgiveSeconds: 10, maximumDelaySeconds: 60, ...KEYS },
  account: { burst: 20, forgiveSeconds: 10, maximumDelaySeconds: 30, ...KEYS },
  source: { burst: 100, forgiveSeconds: 0.5, maximumDelaySeconds: 10, ...KEYS },
  trusted: { burst: 100, forgiveSeconds: 1, maximumDelaySeconds: 5, ...KEYS },
};

/**
 * Slows password guessing by source and by account, without a way to lock anyone out: a phone that has succeeded from
 * its address goes on working whatever others try, and a new one waits for seconds at most and then has its turn.
 *
 * Accounts that do not exist count like those that do, so the delay tells nothing. Times are milliseconds of any clock.
 */
export class AttemptLimiter {
  readonly #pairs: FailureLimiter;
  readonly #accounts: FailureLimiter;
  readonly #sources: FailureLimiter;
  readonly #trusted: FailureLimiter;
  readonly #succeeded: RecentMap<true>;

  constructor(limits: AttemptLimits = ATTEMPT_LIMITS) {
    this.#pairs = new FailureLimiter(limits.pair);
    this.#accounts = new FailureLimiter(limits.account);
    this.#sources = new FailureLimiter(limits.source);
    this.#trusted = new FailureLimiter(limits.trusted);
    this.#succeeded = new RecentMap(limits.trusted.maximumKeys);
  }

  /**
   * Call it before the password is looked at. 0: go on, and say how it ended with `end`. Else it is the seconds to wait:
   * answer 503 with Retry-After, and neither look at the password nor call `end`.
   *
   * An attempt counts as failed until it has ended, so that many at once gain nothing.
   */
  begin({ source, account, pair }: Attempt, now: number): number {
    if (this.#succeeded.get(pair)) return this.#trusted.delay(pair, now);
    const wait = Math.max(
      this.#pairs.delay(pair, now),
      this.#accounts.delay(account, now),
      this.#sources.delay(source, now),
    );
    if (wait > 0) return wait;
    this.#pairs.record(pair, now);
    this.#accounts.record(account, now);
    return 0;
  }

  /** `undecided` when the password was never looked at, for instance since the back end did not answer. */
  end({ source, account, pair }: Attempt, outcome: 'succeeded' | 'failed' | 'undecided', now: number): void {
    if (this.#succeeded.get(pair)) {
      if (outcome === 'failed') this.#trusted.record(pair, now);
      return;
    }
    if (outcome === 'failed') {
      this.#sources.record(source, now);
      return;
    }
    this.#pairs.takeBack(pair, now);
    this.#accounts.takeBack(account, now);
    if (outcome === 'succeeded') this.#succeeded.set(pair, true);
  }
}
