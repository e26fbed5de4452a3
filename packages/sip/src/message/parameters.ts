import { isSpaceCode, isTokenCode, quotedStringEnd, skipSpace, unquote } from './characters.ts';
import { SipParseError } from './parse-error.ts';

/** How many parameters one header field value or URI may have. */
export const MAXIMUM_PARAMETERS = 64;

/** Shared by all that are empty, and never changed. */
const NONE: (string | true)[] = [];

/**
 * The parameters of a header field value or of a URI, in order. Names are case-insensitive and keep their spelling;
 * a value is `true` for a parameter that stands alone. Quoted strings are unquoted by `get` and stay quoted in text.
 */
export class Parameters {
  /** Name, value, name, value: one array, and none of its own while it is empty, as most are. */
  #pairs: (string | true)[] = NONE;

  constructor(entries?: Iterable<readonly [name: string, value: string | true]>) {
    if (entries) for (const [name, value] of entries) this.set(name, value);
  }

  get size(): number {
    return this.#pairs.length / 2;
  }

  /** The value, unquoted; `true` when it has none; undefined when there is no such parameter. */
  get(name: string): string | true | undefined {
    const raw = this.raw(name);
    return typeof raw === 'string' ? unquote(raw) : raw;
  }

  /** The value when there is one; undefined for a parameter that stands alone. */
  text(name: string): string | undefined {
    const value = this.get(name);
    return value === true ? undefined : value;
  }

  /** The value as it came, with its quotes. */
  raw(name: string): string | true | undefined {
    const at = this.#indexOf(name);
    return at < 0 ? undefined : this.#pairs[at + 1];
  }

  has(name: string): boolean {
    return this.#indexOf(name) >= 0;
  }

  /** Sets a value in its raw form: quote it with `quote` when it is not a token or host. */
  set(name: string, raw: string | true): this {
    const at = this.#indexOf(name);
    if (at >= 0) this.#pairs[at + 1] = raw;
    else this.add(name, raw);
    return this;
  }

  /** Appends without looking whether the name is there. */
  add(name: string, raw: string | true): void {
    if (this.#pairs === NONE) this.#pairs = [name, raw];
    else this.#pairs.push(name, raw);
  }

  delete(name: string): this {
    const at = this.#indexOf(name);
    if (at >= 0) this.#pairs.splice(at, 2);
    return this;
  }

  /** Names as they came, values raw. */
  *entries(): IterableIterator<[name: string, raw: string | true]> {
    for (let at = 0; at < this.#pairs.length; at += 2) yield [this.#pairs[at] as string, this.#pairs[at + 1]!];
  }

  clone(): Parameters {
    const copy = new Parameters();
    if (this.#pairs !== NONE) copy.#pairs = [...this.#pairs];
    return copy;
  }

  /** `;name=value;name` in the order and spelling that they have. */
  toString(): string {
    let text = '';
    for (let at = 0; at < this.#pairs.length; at += 2) {
      const raw = this.#pairs[at + 1]!;
      text += raw === true ? `;${this.#pairs[at]}` : `;${this.#pairs[at]}=${raw}`;
    }
    return text;
  }

  #indexOf(name: string): number {
    const pairs = this.#pairs;
    for (let at = 0; at < pairs.length; at += 2) {
      const own = pairs[at] as string;
      if (own === name || (own.length === name.length && own.toLowerCase() === name.toLowerCase())) return at;
    }
    return -1;
  }
}

/**
 * Reads `*(;name[=value])` from `at` into `into` and returns the place of what follows: a comma or the end.
 * RFC 3261 §25.1 generic-param; a value may be any text without `; , " < >` and white space, since hosts and the IPv6
 * addresses of RFC 5118 §4.5 occur.
 * @throws SipParseError 400
 */
export function scanParameters(text: string, at: number, into: Parameters): number {
  for (let next = skipSpace(text, at); ; ) {
    if (next >= text.length || text.charCodeAt(next) === 44) return next;
    if (text.charCodeAt(next) !== 59) throw new SipParseError('Malformed Parameter');
    const nameStart = skipSpace(text, next + 1);
    next = nameStart;
    while (next < text.length && isTokenCode(text.charCodeAt(next))) next++;
    if (next === nameStart) throw new SipParseError('Malformed Parameter');
    if (into.size >= MAXIMUM_PARAMETERS) throw new SipParseError('Too Many Parameters');
    const name = text.slice(nameStart, next);
    next = skipSpace(text, next);
    if (text.charCodeAt(next) !== 61) {
      into.add(name, true);
      continue;
    }
    const valueStart = skipSpace(text, next + 1);
    next = scanValue(text, valueStart);
    if (next === valueStart) throw new SipParseError('Malformed Parameter');
    into.add(name, text.slice(valueStart, next));
    next = skipSpace(text, next);
  }
}

function scanValue(text: string, at: number): number {
  if (text.charCodeAt(at) === 34) return quotedStringEnd(text, at);
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 59 || code === 44 || code === 34 || code === 60 || code === 62 || isSpaceCode(code)) break;
    at++;
  }
  return at;
}
