/** Characters of a whole value, and how many parameters it may have. */
const MAXIMUM_LENGTH = 4_096;
const MAXIMUM_PARAMETERS = 32;

const QUOTE = 34;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;

// RFC 7230 §3.2.6: tchar.
const TOKEN = new Uint8Array(128);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[character.charCodeAt(0)] = 1;
}

/** Few, so that a search from the start is quicker than a map is made. */
export class AuthParameters {
  readonly #names: string[] = [];
  readonly #values: string[] = [];

  get size(): number {
    return this.#names.length;
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** `name` in lower case. */
  get(name: string): string | undefined {
    const at = this.#names.indexOf(name);
    return at < 0 ? undefined : this.#values[at];
  }

  add(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
  }
}

/**
 * Reads `scheme name=value, name="value", …` (RFC 7235 §2.1). Names in lower case, quoted strings unquoted.
 * Undefined when it is malformed, another scheme, too long, or has a name twice. Looks at each character once.
 */
export function scanAuthParameters(value: string, scheme: string): AuthParameters | undefined {
  if (value.length > MAXIMUM_LENGTH) return undefined;
  const schemeEnd = tokenEnd(value, 0);
  let at = spaceEnd(value, schemeEnd);
  if (at === schemeEnd || value.slice(0, schemeEnd).toLowerCase() !== scheme) return undefined;
  const parameters = new AuthParameters();
  for (; parameters.size < MAXIMUM_PARAMETERS; at++) {
    const nameStart = spaceEnd(value, at);
    const nameEnd = tokenEnd(value, nameStart);
    at = spaceEnd(value, nameEnd);
    if (nameEnd === nameStart || value.charCodeAt(at) !== EQUALS) return undefined;
    const name = value.slice(nameStart, nameEnd).toLowerCase();
    if (parameters.has(name)) return undefined;

    const start = spaceEnd(value, at + 1);
    const quoted = value.charCodeAt(start) === QUOTE;
    const end = quoted ? quotedEnd(value, start) : tokenEnd(value, start);
    if (end === start) return undefined;
    parameters.add(name, quoted ? unquoted(value, start, end) : value.slice(start, end));

    at = spaceEnd(value, end);
    if (at === value.length) return parameters;
    if (value.charCodeAt(at) !== COMMA) return undefined;
  }
  return undefined;
}

function tokenEnd(text: string, at: number): number {
  while (at < text.length && TOKEN[text.charCodeAt(at)] === 1) at++;
  return at;
}

function spaceEnd(text: string, at: number): number {
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9 && code !== 13 && code !== 10) return at;
  }
  return at;
}

/** The place after the closing quote, or `start` when there is none. */
function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  return start;
}

function unquoted(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? inner.replace(/\\(.)/gs, '$1') : inner;
}
