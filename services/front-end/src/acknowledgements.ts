import type { Bus } from '@rollcall/back-end';

/** Hears that HTTP clients have acknowledged messages, on whichever front end they did. */
export class Acknowledgements {
  readonly #bus: Bus;
  readonly #waiting = new Map<string, () => void>();
  #unsubscribe: (() => void) | undefined;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  start(): void {
    this.#unsubscribe = this.#bus.subscribe('message', (keys) => {
      for (const key of keys ?? []) this.#waiting.get(key)?.();
    });
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /** Whether it is acknowledged within that time. What the bus loses is acknowledged in the back end all the same. */
  wait(accountId: number, messageId: number, milliseconds: number): Promise<boolean> {
    const key = `${accountId}/${messageId}`;
    return new Promise((resolve) => {
      const end = (heard: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(key);
        resolve(heard);
      };
      const timer = setTimeout(() => end(false), milliseconds);
      this.#waiting.set(key, () => end(true));
    });
  }
}
