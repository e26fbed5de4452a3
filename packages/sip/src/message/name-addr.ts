import { quote, quotedStringEnd, skipSpace, trimmedSlice, unquote } from './characters.ts';
import { Parameters, scanParameters } from './parameters.ts';
import { SipParseError } from './parse-error.ts';

/** One value of From, To, Contact, Route, Record-Route, Path and their like (RFC 3261 §20.10). */
export interface NameAddr {
  displayName?: string | undefined;
  /** As it came, without angle brackets; `parseUri` reads it. */
  uri: string;
  /** Those of the header field, not those of the URI. */
  parameters: Parameters;
  tag?: string | undefined;
}

/** How many values a header field line may list. */
export const MAXIMUM_LIST = 128;

/** Reads a header field that has exactly one value, such as From. @throws SipParseError 400 */
export function parseNameAddr(text: string): NameAddr {
  const scan = { at: 0 };
  const value = scanNameAddr(text, scan);
  if (scan.at < text.length) throw new SipParseError('More Than One Address');
  return value;
}

/** Reads a comma list, such as Route. An empty text is an empty list. @throws SipParseError 400 */
export function parseNameAddrs(text: string): NameAddr[] {
  const list: NameAddr[] = [];
  if (skipSpace(text, 0) === text.length) return list;
  for (const scan = { at: 0 }; ; scan.at++) {
    if (list.length >= MAXIMUM_LIST) throw new SipParseError('Too Many Values');
    list.push(scanNameAddr(text, scan));
    if (scan.at >= text.length) return list;
  }
}

/** `"name" <uri>;parameters`, always with angle brackets, so that parameters cannot change their owner. */
export function formatNameAddr({ displayName, uri, parameters }: NameAddr): string {
  const name = displayName === undefined ? '' : `${quote(displayName)} `;
  return `${name}<${uri}>${parameters}`;
}

function scanNameAddr(text: string, scan: { at: number }): NameAddr {
  const start = skipSpace(text, scan.at);
  let displayName: string | undefined;
  let open = start;
  if (text.charCodeAt(start) === 34) {
    const end = quotedStringEnd(text, start);
    displayName = unquote(text.slice(start, end));
    open = skipSpace(text, end);
    if (text.charCodeAt(open) !== 60) throw new SipParseError('Malformed Address');
  } else {
    open = delimiterFrom(text, start);
    if (text.charCodeAt(open) !== 60) return scanAddrSpec(text, start, open, scan);
    if (open > start) displayName = trimmedSlice(text, start, open);
  }
  const close = uriEnd(text, open + 1);
  return withParameters(displayName, text.slice(open + 1, close), text, close + 1, scan);
}

/** Without angle brackets, what follows a semicolon belongs to the header field, and `?` cannot be there (§20.10). */
function scanAddrSpec(text: string, start: number, end: number, scan: { at: number }): NameAddr {
  const uri = trimmedSlice(text, start, end);
  for (let at = 0; at < uri.length; at++) {
    const code = uri.charCodeAt(at);
    if (code <= 32 || code === 63) throw new SipParseError('Malformed Address');
  }
  checkScheme(uri);
  return withParameters(undefined, uri, text, end, scan);
}

function withParameters(
  displayName: string | undefined,
  uri: string,
  text: string,
  at: number,
  scan: { at: number },
): NameAddr {
  const parameters = new Parameters();
  scan.at = scanParameters(text, at, parameters);
  return { displayName, uri, parameters, tag: parameters.size === 0 ? undefined : parameters.text('tag') };
}

/** The place of the first `<`, `;`, `,`, `"` or `>`, or the end. */
function delimiterFrom(text: string, at: number): number {
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 60 || code === 59 || code === 44) return at;
    if (code === 34 || code === 62) throw new SipParseError('Malformed Address');
  }
  return at;
}

/** The place of the `>` that closes a URI; a URI has no white space, quotes or `<` in it (RFC 4475 §3.1.2.14). */
function uriEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 62) {
      checkScheme(text, start, at);
      return at;
    }
    if (code <= 32 || code === 60 || code === 34) break;
  }
  throw new SipParseError('Malformed Address');
}

/** RFC 3986 §3.1: a URI begins with a letter and has a scheme. */
function checkScheme(text: string, start = 0, end = text.length): void {
  const colon = text.indexOf(':', start);
  const first = text.charCodeAt(start) | 32;
  if (colon <= start || colon >= end - 1 || first < 97 || first > 122) throw new SipParseError('Malformed Address');
}
