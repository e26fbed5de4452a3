/** What senders were told of each message, and how often its receiver has got it. */
export class MessageLedger {
  readonly #told = new Map<string, number>();
  readonly #received = new Map<string, number>();

  /** The final answer; a message of which no answer came is not told of. */
  told(id: string, status: number): void {
    this.#told.set(id, status);
  }

  received(id: string): void {
    this.#received.set(id, (this.#received.get(id) ?? 0) + 1);
  }

  /** Messages by what their senders were told. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = { received: this.#received.size };
    for (const status of this.#told.values()) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  /** Messages that were promised, and are not with their receiver yet. */
  waiting(): string[] {
    return [...this.#told].filter(([id, status]) => isPromise(status) && !this.#received.has(id)).map(([id]) => id);
  }

  /** Whatever breaks the promise: the receiver has it exactly once, or the sender has no 2xx. */
  broken(): string[] {
    return [...this.#told].flatMap(([id, status]) => {
      const times = this.#received.get(id) ?? 0;
      return isPromise(status) && times !== 1 ? [`${id}: told ${status}, received ${times} times`] : [];
    });
  }
}

function isPromise(status: number): boolean {
  return status >= 200 && status < 300;
}
