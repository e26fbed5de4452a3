import type { BackEnd } from '@rollcall/back-end';
import type { SubscriptionName } from './types.ts';

export interface SettledSubscriptionsOptions {
  backEnd: Pick<BackEnd, 'endSubscriptions' | 'loseSubscriptions'>;
  logOutage(error: unknown): void;
}

const GATHER_MS = 20;

/**
 * Subscriptions whose watchers have gone, on their way into the back end, many in one call. One that gets lost here is found
 * again by its next notification.
 */
export class SettledSubscriptions {
  readonly #options: SettledSubscriptionsOptions;
  #ended: SubscriptionName[] = [];
  #lost: SubscriptionName[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(options: SettledSubscriptionsOptions) {
    this.#options = options;
  }

  /** RFC 6665 §4.2.2: its watcher knows nothing of it, or does not answer. */
  ended(subscription: SubscriptionName): void {
    this.#ended.push(subscription);
    this.#flushSoon();
  }

  /** Its connection is gone: it waits until its watcher has another. */
  lost(subscription: SubscriptionName): void {
    this.#lost.push(subscription);
    this.#flushSoon();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#flushing;
    const [ended, lost] = [this.#ended, this.#lost];
    [this.#ended, this.#lost] = [[], []];
    try {
      if (ended.length > 0) await this.#options.backEnd.endSubscriptions(ended);
      if (lost.length > 0) await this.#options.backEnd.loseSubscriptions(lost);
    } catch (error) {
      this.#options.logOutage(error);
    }
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flushing = this.flush();
    }, GATHER_MS);
  }
}
