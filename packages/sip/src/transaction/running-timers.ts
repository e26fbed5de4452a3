import type { Clock } from './clock.ts';

/** The timers of one transaction that are running, by name, so that none outlives it. */
export class RunningTimers<Name extends string> {
  readonly #clock: Clock;
  readonly #cancels = new Map<Name, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts a timer, or starts it anew. */
  start(name: Name, milliseconds: number, run: () => void): void {
    this.stop(name);
    const cancel = this.#clock.after(milliseconds, () => {
      this.#cancels.delete(name);
      run();
    });
    this.#cancels.set(name, cancel);
  }

  stop(name: Name): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
  }

  stopAll(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }
}
