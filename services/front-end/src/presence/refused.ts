import type { BackEnd, Notification } from '@rollcall/back-end';

export interface RefusedOptions {
  /** Resolves to false when the back end is away. */
  renotify(subscriptions: Again[]): Promise<boolean>;
}

export type Again = Parameters<BackEnd['renotifySubscriptions']>[0]['subscriptions'][number];

/** How often one that nothing has changed for is told again, until it takes something. */
const MAXIMUM_TRIES = 3;
/** Watchers that it is known of; past it the first is told with its next change. */
const MAXIMUM = 10_000;
/** Told again at once. */
const BATCH = 1000;
/** While the back end is away, ms. */
const AWAY_MS = 1000;

interface Entry {
  readonly accountId: number;
  /** Of the notification that was not taken. */
  readonly cseq: number;
  readonly isList: boolean;
  readonly tries: number;
  /** When it is told again, as performance.now() has it; Infinity: with its next change. */
  at: number;
}

/**
 * Watchers that have refused a notification and keep their subscription: what they were told does not count. They are told again
 * after a while; a list, which is told of changes alone, in full when it takes something at last.
 */
export class Refused {
  readonly #options: RefusedOptions;
  readonly #entries = new Map<number, Entry>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(options: RefusedOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `againIn` ms; undefined: with the next change. */
  refused(notification: Notification, againIn: number | undefined): void {
    const { accountId, subscriptionId: id, cseq, isList } = notification;
    const tries = this.#entries.get(id)?.tries ?? 0;
    const at = againIn === undefined || tries >= MAXIMUM_TRIES ? Number.POSITIVE_INFINITY : performance.now() + againIn;
    this.#entries.delete(id);
    this.#entries.set(id, { accountId, cseq, isList, tries: tries + 1, at });
    for (const first of this.#entries.keys()) {
      if (this.#entries.size <= MAXIMUM) break;
      this.#entries.delete(first);
    }
    this.#wakeAt(at);
  }

  taken({ accountId, subscriptionId: id, isList, full }: Notification): void {
    if (this.#entries.delete(id) && isList && !full && !this.#stopped) void this.#options.renotify([{ accountId, id }]);
  }

  forget(id: number): void {
    this.#entries.delete(id);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #wakeAt(at: number): void {
    if (this.#stopped || at >= this.#timerAt) return;
    this.#timerAt = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tellAgain(), Math.max(1, at - performance.now()));
  }

  async #tellAgain(): Promise<void> {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const due = [...this.#entries].filter(([, { at }]) => at <= now).slice(0, BATCH);
    for (const [, entry] of due) entry.at = Number.POSITIVE_INFINITY;
    const again = due.map(([id, { accountId, cseq, isList }]) => ({ accountId, id, ...(!isList && { cseq }) }));
    const told = again.length === 0 || (await this.#options.renotify(again));
    if (!told) for (const [, entry] of due) entry.at = performance.now() + AWAY_MS;
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of this.#entries.values()) next = Math.min(next, at);
    this.#wakeAt(next);
  }
}
