/**
 * A map that forgets what was set longest ago, in bounded memory and constant time: when the young half is full it
 * becomes the old half, and the former old half is dropped. It holds at least half of `maximum` keys and never more
 * than `maximum`. (One ordered Map would do, but finding its first key again and again is slow in V8.)
 */
export class RecentMap<Value, Key = string> {
  readonly #half: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  constructor(maximum: number) {
    this.#half = Math.max(1, Math.floor(maximum / 2));
  }

  /** Keys held, those in both halves counted twice. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    return young === undefined && this.#old.size > 0 ? this.#old.get(key) : young;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: Key): void {
    this.#young.delete(key);
    if (this.#old.size > 0) this.#old.delete(key);
  }
}
