import { randomBytes } from 'node:crypto';

/** Another one in each process, so that nobody can send keys that share a number on purpose. */
const SEED = randomBytes(4).readInt32LE();

/** What the requests of one transaction have in common: its text, and a number of 32 bits made from it. */
export class TransactionKey {
  readonly text: string;
  readonly hash: number;

  constructor(text: string) {
    this.text = text;
    let hash = SEED;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    this.hash = hash ^ (hash >>> 15);
  }
}

/**
 * A map from keys to values that can tell whether a key is theirs.
 *
 * A Map of strings would put each key into V8's table of all strings and hold on to it: at ten thousand transactions a
 * second, nearly all of which are looked for once and not found, that costs more than the rest of the transaction.
 */
export abstract class ByKey<Value extends object | number> {
  /** A value, or the values that share a number. */
  readonly #places = new Map<number, Value | Value[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  protected abstract isOf(value: Value, key: TransactionKey): boolean;

  get(key: TransactionKey): Value | undefined {
    const found = this.#places.get(key.hash);
    if (found === undefined) return undefined;
    if (Array.isArray(found)) return found.find((value) => this.isOf(value, key));
    return this.isOf(found, key) ? found : undefined;
  }

  /** The key must not be there yet. */
  add(key: TransactionKey, value: Value): void {
    const found = this.#places.get(key.hash);
    if (found === undefined) this.#places.set(key.hash, value);
    else this.#places.set(key.hash, Array.isArray(found) ? [...found, value] : [found, value]);
    this.#size++;
  }

  delete(key: TransactionKey): void {
    const value = this.get(key);
    if (value === undefined) return;
    const found = this.#places.get(key.hash)!;
    const rest = Array.isArray(found) ? found.filter((other) => other !== value) : [];
    if (rest.length === 0) this.#places.delete(key.hash);
    else this.#places.set(key.hash, rest);
    this.#size--;
  }

  values(): Value[] {
    return [...this.#places.values()].flat() as Value[];
  }
}
