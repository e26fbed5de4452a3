import type { Notification } from '@rollcall/back-end';

interface Sent {
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
  readonly #sent = new Map<number, Sent>();
  /** When each account was last heard of while something was on its way. */
  readonly #heardOf = new Map<number, number>();
  #heard = 0;
  #heardAll = 0;

  get size(): number {
    return this.#sent.size;
  }

  /** What has been heard so far. */
  get heard(): number {
    return this.#heard;
  }

  ids(): number[] {
    return [...this.#sent.keys()];
  }

  /** Something is new of these accounts; undefined: of any. */
  hear(accountIds: readonly number[] | undefined): void {
    this.#heard += 1;
    if (!accountIds) this.#heardAll = this.#heard;
    else if (this.#sent.size > 0) for (const id of accountIds) this.#heardOf.set(id, this.#heard);
  }

  hearOfSubscription(id: number): void {
    const sent = this.#sent.get(id);
    if (sent) sent.heard = -1;
  }

  /** `heard`: as it was before the notification was taken. */
  begin({ accountId, subscriptionId, isList, resources }: Notification, heard: number): void {
    this.#sent.set(subscriptionId, {
      heard,
      watcher: accountId,
      watched: isList ? undefined : resources[0]?.accountId,
    });
  }

  /** @returns whether something has been heard meanwhile that may be for it */
  end(subscriptionId: number): boolean {
    const sent = this.#sent.get(subscriptionId);
    if (!sent) return false;
    this.#sent.delete(subscriptionId);
    const last = sent.watched === undefined ? this.#heard : (this.#heardOf.get(sent.watched) ?? 0);
    const own = this.#heardOf.get(sent.watcher) ?? 0;
    if (this.#sent.size === 0) this.#heardOf.clear();
    return Math.max(last, own, this.#heardAll) > sent.heard;
  }
}
