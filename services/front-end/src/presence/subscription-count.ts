import type { BackEnd } from '@rollcall/back-end';
import { EVENT_PACKAGES } from '../sip/event-packages.ts';

export interface SubscriptionCountOptions {
  backEnd: Pick<BackEnd, 'countSubscriptions'>;
  frontEndId(): number;
  logOutage(error: unknown): void;
}

/** Counting takes no more than a hundredth of the time, whoever asks, and is not done more often than this. ms */
const SHORTEST_MS = 1000;
const SHARE = 100;
/** What is known by then is told, ms. */
const PATIENCE_MS = 1000;

/** The subscriptions whose watchers are at this front end, by event package, for /metrics. */
export class SubscriptionCount {
  readonly #options: SubscriptionCountOptions;
  #counts: readonly (readonly [string, number])[] = EVENT_PACKAGES.map((event) => [event, 0]);
  #countAt = 0;
  #counting: Promise<void> | undefined;

  constructor(options: SubscriptionCountOptions) {
    this.#options = options;
  }

  async read(): Promise<readonly (readonly [string, number])[]> {
    if (performance.now() >= this.#countAt) this.#counting ??= this.#count();
    if (this.#counting) {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      await Promise.race([this.#counting, patience]);
      clearTimeout(timer);
    }
    return this.#counts;
  }

  async #count(): Promise<void> {
    const { backEnd, frontEndId, logOutage } = this.#options;
    const begun = performance.now();
    try {
      const counted = new Map(await backEnd.countSubscriptions({ frontEndId: frontEndId() }));
      this.#counts = EVENT_PACKAGES.map((event) => [event, counted.get(event) ?? 0]);
    } catch (error) {
      logOutage(error);
    }
    const now = performance.now();
    this.#countAt = now + Math.max(SHORTEST_MS, (now - begun) * SHARE);
    this.#counting = undefined;
  }
}
