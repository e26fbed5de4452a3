/** At most one running timer of each name. */
export class NamedTimers<Name extends string> {
  readonly #timers = new Map<Name, NodeJS.Timeout>();

  has(name: Name): boolean {
    return this.#timers.has(name);
  }

  /** One that runs already is kept. */
  start(name: Name, ms: number, run: () => void): void {
    if (!this.#timers.has(name)) this.restart(name, ms, run);
  }

  restart(name: Name, ms: number, run: () => void): void {
    clearTimeout(this.#timers.get(name));
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      run();
    }, ms);
    this.#timers.set(name, timer);
  }

  stopAll(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
