import type { Clock } from './clock.ts';

interface Running<Name> {
  readonly name: Name;
  readonly cancel: () => void;
  next: Running<Name> | undefined;
}

/** The timers of one transaction that are running, by name, so that none outlives it. */
export class RunningTimers<Name extends string> {
  readonly #clock: Clock;
  /** Two or three at most: a list takes less than a Map or an array does. */
  #first: Running<Name> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts a timer, or starts it anew. */
  start(name: Name, milliseconds: number, run: () => void): void {
    this.stop(name);
    const cancel = this.#clock.after(milliseconds, () => {
      this.#take(name);
      run();
    });
    this.#first = { name, cancel, next: this.#first };
  }

  stop(name: Name): void {
    this.#take(name)?.cancel();
  }

  stopAll(): void {
    for (let at = this.#first; at; at = at.next) at.cancel();
    this.#first = undefined;
  }

  #take(name: Name): Running<Name> | undefined {
    let before: Running<Name> | undefined;
    for (let at = this.#first; at; at = at.next) {
      if (at.name === name) {
        if (before) before.next = at.next;
        else this.#first = at.next;
        return at;
      }
      before = at;
    }
    return undefined;
  }
}
