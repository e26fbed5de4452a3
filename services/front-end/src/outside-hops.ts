import type { Hop } from '@rollcall/sip';

/** How long a server that did not answer is tried after the others, ms. */
const AVOIDED_MS = 30_000;
const MAXIMUM = 1000;

/** Servers that have not answered lately. Each request would otherwise find that out by itself, and wait for it. */
export class UnreachableHops {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(hop: Hop): void {
    const key = keyOf(hop);
    this.#until.delete(key);
    this.#until.set(key, this.#now() + AVOIDED_MS);
    if (this.#until.size > MAXIMUM) this.#until.delete(this.#until.keys().next().value!);
  }

  remove(hop: Hop): void {
    this.#until.delete(keyOf(hop));
  }

  /** The same servers, those that have not answered last. */
  last(hops: readonly Hop[]): Hop[] {
    const avoided = hops.filter((hop) => (this.#until.get(keyOf(hop)) ?? 0) > this.#now());
    return [...hops.filter((hop) => !avoided.includes(hop)), ...avoided];
  }
}

function keyOf({ transport, host, port }: Hop): string {
  return `${transport} ${host} ${port}`;
}
