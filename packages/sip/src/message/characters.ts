import { SipParseError } from './parse-error.ts';

// RFC 3261 §25.1: token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~")
const TOKEN = new Uint8Array(128);
for (const character of "-.!%*_+`'~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TOKEN[character.charCodeAt(0)] = 1;
}

export function isTokenCode(code: number): boolean {
  return code < 128 && TOKEN[code] === 1;
}

/** Whether `text` is a token (RFC 3261 §25.1). */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isTokenCode(text.charCodeAt(at))) return false;
  return text.length > 0;
}

export function isDigitCode(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** SP, HT, and the CR and LF that folding may leave in text that was not read from a message. */
export function isSpaceCode(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 10;
}

/** The first place at or after `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpaceCode(text.charCodeAt(at))) at++;
  return at;
}

/** A slice of `text` without white space around it. */
export function trimmedSlice(text: string, start: number, end: number): string {
  while (start < end && isSpaceCode(text.charCodeAt(start))) start++;
  while (end > start && isSpaceCode(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The place after the closing quote of the quoted string that opens at `at` (RFC 3261 §25.1). */
export function quotedStringEnd(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === 34) return next + 1;
    if (code === 92) next++;
  }
  throw new SipParseError('Unterminated Quoted String');
}

/** The text that a quoted string stands for; other text is returned as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || text.charCodeAt(0) !== 34) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner;
}

/** `text` as a quoted string. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * A number of decimal digits, leading zeros allowed (RFC 4475 §3.1.1.1).
 * Undefined when `text` is anything else; Infinity when it is too large for an exact number.
 */
export function parseDigits(text: string): number | undefined {
  if (text.length === 0) return undefined;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isDigitCode(code)) return undefined;
    value = value * 10 + (code - 48);
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.POSITIVE_INFINITY;
}
