import type { Name } from './model.ts';

/** Messages to those who were not registered; a text is sent once. */
export class LeftMessages {
  /** By recipient: what was acknowledged with 202, and what may have been stored. */
  readonly #accepted = new Map<Name, Set<string>>();
  readonly #unknown = new Map<Name, number>();
  readonly #received = new Set<string>();

  accepted(name: Name, text: string): void {
    const texts = this.#accepted.get(name) ?? new Set();
    this.#accepted.set(name, texts.add(text));
  }

  unknown(name: Name): void {
    this.#unknown.set(name, (this.#unknown.get(name) ?? 0) + 1);
  }

  received(text: string): void {
    this.#received.add(text);
  }

  /** How many may wait: one that was received may be sent again, when nobody knows that it was. */
  bounds(name: Name): { least: number; most: number } {
    const accepted = [...(this.#accepted.get(name) ?? [])];
    const least = accepted.filter((text) => !this.#received.has(text)).length;
    return { least, most: accepted.length + (this.#unknown.get(name) ?? 0) };
  }
}
