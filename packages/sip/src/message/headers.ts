import { headerKey, registeredName } from './header-names.ts';

/**
 * The header fields of one message, in order. A value is the text of one header field line, unfolded and trimmed,
 * otherwise as it came. Names are case-insensitive, and compact forms mean the long name.
 */
export class Headers {
  // Parallel arrays, one place a line. `keys` are what names compare by; `parsed` keeps what a reader made of a line
  // and lives exactly as long as the line does.
  #keys: string[] = [];
  #names: string[] = [];
  #values: string[] = [];
  #parsed: unknown[] = [];

  constructor(lines?: Iterable<readonly [name: string, value: string]>) {
    if (lines) for (const [name, value] of lines) this.append(name, value);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The value of the first header field line of that name. */
  get(name: string): string | undefined {
    const at = this.#keys.indexOf(headerKey(name));
    return at < 0 ? undefined : this.#values[at];
  }

  /** The values of all header field lines of that name, one a line. */
  getAll(name: string): string[] {
    const key = headerKey(name);
    const found: string[] = [];
    for (let at = this.#keys.indexOf(key); at >= 0; at = this.#keys.indexOf(key, at + 1)) found.push(this.#values[at]!);
    return found;
  }

  has(name: string): boolean {
    return this.#keys.includes(headerKey(name));
  }

  /** How many lines have that name. */
  count(name: string): number {
    const key = headerKey(name);
    let count = 0;
    for (let at = this.#keys.indexOf(key); at >= 0; at = this.#keys.indexOf(key, at + 1)) count++;
    return count;
  }

  /** Whether the value of any line of that name passes the test. */
  some(name: string, test: (value: string) => boolean): boolean {
    const key = headerKey(name);
    for (let at = this.#keys.indexOf(key); at >= 0; at = this.#keys.indexOf(key, at + 1)) {
      if (test(this.#values[at]!)) return true;
    }
    return false;
  }

  append(name: string, value: string): this {
    return this.appendLine(name, registeredName(name), oneLine(value));
  }

  /** As `append`, when the registered name has been looked up and the value is known to be one line. */
  appendLine(name: string, known: string | undefined, value: string): this {
    this.#keys.push(known ?? name.toLowerCase());
    this.#names.push(known ?? name);
    this.#values.push(value);
    return this;
  }

  prepend(name: string, value: string): this {
    const known = registeredName(name);
    this.#keys.unshift(known ?? name.toLowerCase());
    this.#names.unshift(known ?? name);
    this.#values.unshift(oneLine(value));
    this.#parsed.unshift(undefined);
    return this;
  }

  /** Makes this the only line of that name, where the first one was, or at the end. */
  set(name: string, value: string): this {
    const at = this.#keys.indexOf(headerKey(name));
    if (at < 0) return this.append(name, value);
    this.#removeFrom(headerKey(name), at + 1);
    return this.#replace(at, value);
  }

  /** Gives the first line of that name another value, and leaves further ones. */
  setFirst(name: string, value: string, parsed?: unknown): this {
    const at = this.#keys.indexOf(headerKey(name));
    return at < 0 ? this.append(name, value) : this.#replace(at, value, parsed);
  }

  remove(name: string): this {
    this.#removeFrom(headerKey(name), 0);
    return this;
  }

  removeFirst(name: string): this {
    const at = this.#keys.indexOf(headerKey(name));
    if (at >= 0) this.#removeAt(at);
    return this;
  }

  *entries(): IterableIterator<[name: string, value: string]> {
    for (let at = 0; at < this.#names.length; at++) yield [this.#names[at]!, this.#values[at]!];
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }

  /** A copy that shares the texts, and what readers made of them: nobody changes those. */
  clone(): Headers {
    const copy = new Headers();
    copy.#keys = this.#keys.slice();
    copy.#names = this.#names.slice();
    copy.#values = this.#values.slice();
    copy.#parsed = this.#parsed.slice();
    return copy;
  }

  /** Appends every line of `other`, or those of one name. */
  appendAllOf(other: Headers, name?: string): this {
    const key = name === undefined ? undefined : headerKey(name);
    for (let at = 0; at < other.#keys.length; at++) {
      if (key !== undefined && other.#keys[at] !== key) continue;
      this.#keys.push(other.#keys[at]!);
      this.#names.push(other.#names[at]!);
      this.#values.push(other.#values[at]!);
    }
    return this;
  }

  /** The header field lines as they go on the wire, each with its line end, without those of one name. */
  toText(without?: string): string {
    let text = '';
    for (let at = 0; at < this.#names.length; at++) {
      if (this.#keys[at] !== without) text += `${this.#names[at]}: ${this.#values[at]}\r\n`;
    }
    return text;
  }

  /** What `parse` makes of the first line with this key; kept until the line changes. `key` is a registered name. */
  parsedFirst<T>(key: string, parse: (value: string) => T): T | undefined {
    const at = this.#keys.indexOf(key);
    return at < 0 ? undefined : this.#parsedAt(at, parse);
  }

  /** What `parse` makes of all lines with this key, as one list; kept for each line until it changes. */
  parsedAll<T>(key: string, parse: (value: string) => readonly T[]): readonly T[] {
    let list: readonly T[] | undefined;
    for (let at = this.#keys.indexOf(key); at >= 0; at = this.#keys.indexOf(key, at + 1)) {
      const part = this.#parsedAt(at, parse);
      list = list ? list.concat(part) : part;
    }
    return list ?? [];
  }

  #parsedAt<T>(at: number, parse: (value: string) => T): T {
    const kept = this.#parsed[at];
    if (kept !== undefined) return kept as T;
    const parsed = parse(this.#values[at]!);
    this.#parsed[at] = parsed;
    return parsed;
  }

  #replace(at: number, value: string, parsed?: unknown): this {
    this.#values[at] = oneLine(value);
    this.#parsed[at] = parsed;
    return this;
  }

  #removeFrom(key: string, start: number): void {
    for (let at = this.#keys.length - 1; at >= start; at--) if (this.#keys[at] === key) this.#removeAt(at);
  }

  #removeAt(at: number): void {
    removeAt(this.#keys, at);
    removeAt(this.#names, at);
    removeAt(this.#values, at);
    // Shorter than the others while its last lines have not been read.
    if (at < this.#parsed.length) removeAt(this.#parsed, at);
  }
}

/** As `splice(at, 1)`, which takes thrice the time for an array of what was removed. */
function removeAt(list: unknown[], at: number): void {
  for (let next = at + 1; next < list.length; next++) list[next - 1] = list[next];
  list.pop();
}

/** A value never ends its line: a line end in it is read as white space, as in folding (RFC 3261 §7.3.1). */
export function oneLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ').trim() : text;
}
