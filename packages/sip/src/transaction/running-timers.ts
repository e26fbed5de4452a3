import type { Clock } from './clock.ts';

/** The timers of one transaction that are running, by name, so that none outlives it. */
export class RunningTimers<Name extends string> {
  readonly #clock: Clock;
  // Two or three at most: parallel arrays take less than a Map does.
  readonly #names: Name[] = [];
  readonly #cancels: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts a timer, or starts it anew. */
  start(name: Name, milliseconds: number, run: () => void): void {
    this.stop(name);
    const cancel = this.#clock.after(milliseconds, () => {
      this.#forget(this.#names.indexOf(name));
      run();
    });
    this.#names.push(name);
    this.#cancels.push(cancel);
  }

  stop(name: Name): void {
    const at = this.#names.indexOf(name);
    if (at < 0) return;
    this.#cancels[at]!();
    this.#forget(at);
  }

  stopAll(): void {
    for (const cancel of this.#cancels) cancel();
    this.#names.length = 0;
    this.#cancels.length = 0;
  }

  #forget(at: number): void {
    if (at < 0) return;
    this.#names.splice(at, 1);
    this.#cancels.splice(at, 1);
  }
}
