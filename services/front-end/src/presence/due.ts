import type { SubscriptionReference } from '@rollcall/back-end';

/** What the back end is asked about in one call. */
export type Look =
  | { readonly subscriptions: readonly SubscriptionReference[] }
  | { readonly accountIds: readonly number[] }
  /** Every subscription of this front end: what has changed of late, or since ever. */
  | { readonly all: true; readonly since?: Date };

export const EVERYTHING: Look = { all: true, since: new Date(0) };
export const LATELY: Look = { all: true };

/** Named in one call at most. */
const MAXIMUM = 1000;

/** Where something may be due. It only says where to look: the back end knows what is. */
export class Due {
  readonly #subscriptions = new Map<number, SubscriptionReference>();
  readonly #accounts = new Set<number>();
  #all = false;
  #poll = false;

  get isEmpty(): boolean {
    return this.#subscriptions.size === 0 && this.#accounts.size === 0 && !this.#all && !this.#poll;
  }

  add(look: Look): void {
    if ('subscriptions' in look) for (const one of look.subscriptions) this.#subscriptions.set(one.id, one);
    else if ('accountIds' in look) for (const id of look.accountIds) this.#accounts.add(id);
    else if (look.since) this.#all = true;
    else this.#poll = true;
  }

  /** The next call; new subscriptions come first, since a client waits for their first notification. */
  take(): Look | undefined {
    if (this.#subscriptions.size > 0) {
      const subscriptions = firstOf(this.#subscriptions.values());
      for (const { id } of subscriptions) this.#subscriptions.delete(id);
      return { subscriptions };
    }
    if (this.#accounts.size > 0) {
      const accountIds = firstOf(this.#accounts);
      for (const id of accountIds) this.#accounts.delete(id);
      return { accountIds };
    }
    if (this.#all) {
      // It finds what a poll would.
      this.#all = this.#poll = false;
      return EVERYTHING;
    }
    if (!this.#poll) return undefined;
    this.#poll = false;
    return LATELY;
  }

  /** Moves everything into another one. */
  moveTo(other: Due): void {
    for (let look = this.take(); look; look = this.take()) other.add(look);
  }
}

function firstOf<Value>(values: Iterable<Value>): Value[] {
  const first: Value[] = [];
  for (const value of values) {
    if (first.length === MAXIMUM) break;
    first.push(value);
  }
  return first;
}
