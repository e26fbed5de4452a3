import type { Clock } from './clock.ts';

const ROTATIONS = 4;

/**
 * The Accepted state of INVITE transactions (RFC 6026 §7.1, §7.2), which timers L and M end.
 *
 * At full load some 30,000 calls were accepted in the last 32 s. As objects, each with a timer, they are copied by every
 * collection: 18% of all CPU. Here one is an entry of a map that it shares with those accepted at about that time, and that
 * is dropped whole. With a rotation every quarter of the timer, an entry is kept for one to one and a quarter of it.
 */
export class AcceptedInvites<Value> {
  readonly #clock: Clock;
  readonly #period: number;
  /** Newest first. */
  #generations: Map<number, Value>[] = [new Map()];
  #stop: (() => void) | undefined;

  /** `lifetime`: timer L or M, ms. */
  constructor(clock: Clock, lifetime: number) {
    this.#clock = clock;
    this.#period = lifetime / ROTATIONS;
  }

  get size(): number {
    let size = 0;
    for (const generation of this.#generations) size += generation.size;
    return size;
  }

  add(key: number, value: Value): void {
    this.#generations[0]!.set(key, value);
    this.#stop ??= this.#clock.after(this.#period, () => this.#rotate());
  }

  get(key: number): Value | undefined {
    for (const generation of this.#generations) {
      const value = generation.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  clear(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#generations = [new Map()];
  }

  #rotate(): void {
    this.#generations.unshift(new Map());
    if (this.#generations.length > ROTATIONS + 1) this.#generations.pop();
    this.#stop = this.size > 0 ? this.#clock.after(this.#period, () => this.#rotate()) : undefined;
  }
}
