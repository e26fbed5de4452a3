/** What changed, by its key; undefined: something may have been missed, look for yourself. */
export type WakeKeys = readonly string[] | undefined;

/**
 * Tells whoever waits that there is something new in the back end. The bus is one, for all front ends; losing a message
 * costs time, never state. Keys of 'endpoint': `${accountId}/${instance}`; of 'account': `user@domain`.
 */
export interface Wake {
  publish(topic: 'endpoint' | 'account', keys: string[]): void;
  /** @returns ends it */
  subscribe(topic: 'endpoint' | 'account', handler: (keys: WakeKeys) => void): () => void;
}

/** Within one front end. */
export class LocalWake implements Wake {
  readonly #handlers = new Map<string, Set<(keys: WakeKeys) => void>>();

  publish(topic: string, keys: string[]): void {
    for (const handler of this.#handlers.get(topic) ?? []) handler(keys);
  }

  subscribe(topic: string, handler: (keys: WakeKeys) => void): () => void {
    const handlers = this.#handlers.get(topic) ?? new Set();
    this.#handlers.set(topic, handlers);
    handlers.add(handler);
    return () => handlers.delete(handler);
  }
}
