import type { BackEnd } from '@rollcall/back-end';

export interface SettledSubscriptionsOptions {
  backEnd: Pick<BackEnd, 'endSubscriptions' | 'loseSubscriptions'>;
  /** Told whose watchers have become fewer. */
  changed(accountIds: readonly number[]): void;
  logOutage(error: unknown): void;
}

type Ended = Parameters<BackEnd['endSubscriptions']>[0][number];
type Lost = Parameters<BackEnd['loseSubscriptions']>[0][number];

const GATHER_MS = 20;

/**
 * Subscriptions whose watchers have gone, on their way into the back end, many in one call. One that gets lost here is found
 * again by its next notification.
 */
export class SettledSubscriptions {
  readonly #options: SettledSubscriptionsOptions;
  #ended: Ended[] = [];
  #lost: Lost[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(options: SettledSubscriptionsOptions) {
    this.#options = options;
  }

  /** RFC 6665 §4.2.2: its watcher knows nothing of it, or does not answer. */
  ended(subscription: Ended): void {
    this.#ended.push(subscription);
    this.#flushSoon();
  }

  /** Its connection is gone: it waits until its watcher has another. */
  lost(subscription: Lost): void {
    this.#lost.push(subscription);
    this.#flushSoon();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#flushing;
    const { backEnd, changed, logOutage } = this.#options;
    const [ended, lost] = [this.#ended, this.#lost];
    [this.#ended, this.#lost] = [[], []];
    try {
      if (ended.length > 0) changed(await backEnd.endSubscriptions(ended));
      if (lost.length > 0) await backEnd.loseSubscriptions(lost);
    } catch (error) {
      logOutage(error);
    }
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flushing = this.flush();
    }, GATHER_MS);
  }
}
