import type { Notification } from '@rollcall/back-end';

/** Of whom it is kept what was heard: past it, something may have been heard of any. */
const MAXIMUM_HEARD = 10_000;
/** Who has not answered for so long is waited for, but keeps nobody else waiting. ms */
const SILENT_MS = 2000;

interface Sent {
  readonly at: number;
  /** What had been heard when it was taken; -1: it is to be looked at again in any case. */
  heard: number;
  readonly watcher: number;
  /** The account that it is about; undefined: a list. */
  readonly watched: number | undefined;
}

/**
 * Subscriptions with a NOTIFY on its way: the next one waits for its answer, and says what is true by then. Knows which of them
 * may have missed something.
 */
export class UnderWay {
  /** In the order in which they were sent. */
  readonly #sent = new Map<number, Sent>();
  /** Of watchers that have been silent for a while. */
  readonly #silent = new Map<number, Sent>();
  /** When each account was last heard of while something was on its way. */
  readonly #heardOf = new Map<number, number>();
  #heard = 0;
  #heardAll = 0;

  get size(): number {
    return this.#sent.size + this.#silent.size;
  }

  /** How many were sent so lately that their answers are likely to come. `now` as of `begin`. */
  awaited(now: number): number {
    for (const [id, sent] of this.#sent) {
      if (now - sent.at < SILENT_MS) break;
      this.#sent.delete(id);
      this.#silent.set(id, sent);
    }
    return this.#sent.size;
  }

  /** What has been heard so far. */
  get heard(): number {
    return this.#heard;
  }

  ids(): number[] {
    return [...this.#silent.keys(), ...this.#sent.keys()];
  }

  /** Something is new of these accounts; undefined: of any. */
  hear(accountIds: readonly number[] | undefined): void {
    this.#heard += 1;
    if (!accountIds) this.#heardAll = this.#heard;
    else if (this.size > 0) for (const id of accountIds) this.#heardOf.set(id, this.#heard);
    if (this.#heardOf.size <= MAXIMUM_HEARD) return;
    this.#heardOf.clear();
    this.#heardAll = this.#heard;
  }

  hearOfSubscription(id: number): void {
    const sent = this.#find(id);
    if (sent) sent.heard = -1;
  }

  /** `heard`: as it was before the notification was taken. `now`: ms, of a clock that only goes forward. */
  begin({ accountId, subscriptionId, isList, resources }: Notification, heard: number, now: number): void {
    this.#sent.set(subscriptionId, {
      at: now,
      heard,
      watcher: accountId,
      watched: isList ? undefined : resources[0]?.accountId,
    });
  }

  /** @returns whether something has been heard meanwhile that may be for it */
  end(subscriptionId: number): boolean {
    const sent = this.#find(subscriptionId);
    if (!sent) return false;
    this.#sent.delete(subscriptionId);
    this.#silent.delete(subscriptionId);
    const last = sent.watched === undefined ? this.#heard : (this.#heardOf.get(sent.watched) ?? 0);
    const own = this.#heardOf.get(sent.watcher) ?? 0;
    if (this.size === 0) this.#heardOf.clear();
    return Math.max(last, own, this.#heardAll) > sent.heard;
  }

  #find(subscriptionId: number): Sent | undefined {
    return this.#sent.get(subscriptionId) ?? this.#silent.get(subscriptionId);
  }
}
