import { isTokenCode, parseDigits } from './characters.ts';
import { MAXIMUM_PARAMETERS, Parameters } from './parameters.ts';
import { SipParseError } from './parse-error.ts';

export interface SipUri {
  kind: 'sip';
  scheme: 'sip' | 'sips';
  /** Escapes taken off. Case-sensitive. */
  user?: string | undefined;
  password?: string | undefined;
  /** Lower case; an IPv6 address in brackets. */
  host: string;
  port?: number | undefined;
  /** Names and values as they came, escapes kept. */
  parameters: Parameters;
  /** What stands after `?`, names and values as they came. */
  headers: Parameters;
}

/** A URI of another scheme, of which nothing is known. */
export interface OpaqueUri {
  kind: 'opaque';
  /** Lower case. */
  scheme: string;
  /** As it came, with its scheme. */
  text: string;
}

/** White space, control characters, and `" < > @`. */
const FORBIDDEN = new Uint8Array(128);
FORBIDDEN.fill(1, 0, 33);
for (const code of [127, 34, 60, 62, 64]) FORBIDDEN[code] = 1;

/** Reads any URI; a sip or sips one in full (RFC 3261 §19.1). @throws SipParseError 400 */
export function parseUri(text: string): SipUri | OpaqueUri {
  if (text.startsWith('sip:')) return parseSipUri('sip', text, 4);
  const colon = text.indexOf(':');
  if (colon <= 0 || !isScheme(text, colon)) throw malformed();
  const scheme = text.slice(0, colon).toLowerCase();
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(scheme, text, colon + 1);
  for (let at = colon + 1; at < text.length; at++) {
    // An `@` may stand in it: `mailto:`, `im:`, `pres:`.
    if (isForbidden(text.charCodeAt(at)) && text.charCodeAt(at) !== 64) throw malformed();
  }
  return { kind: 'opaque', scheme, text };
}

export function formatUri(uri: SipUri | OpaqueUri): string {
  if (uri.kind === 'opaque') return uri.text;
  const password = uri.password === undefined ? '' : `:${escapePassword(uri.password)}`;
  const user = uri.user === undefined ? '' : `${escapeUser(uri.user)}${password}@`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const headers = uri.headers.size === 0 ? '' : `?${formatUriHeaders(uri.headers)}`;
  return `${uri.scheme}:${user}${uri.host}${port}${uri.parameters}${headers}`;
}

function formatUriHeaders(headers: Parameters): string {
  const pairs: string[] = [];
  for (const [name, value] of headers.entries()) pairs.push(value === true ? name : `${name}=${value}`);
  return pairs.join('&');
}

function parseSipUri(scheme: 'sip' | 'sips', text: string, start: number): SipUri {
  const at = text.indexOf('@', start);
  const hostStart = at < 0 ? start : at + 1;
  const hostEnd = hostEndFrom(text, hostStart);
  const uri: SipUri = {
    kind: 'sip',
    scheme,
    user: undefined,
    password: undefined,
    host: text.slice(hostStart, hostEnd).toLowerCase(),
    port: undefined,
    parameters: new Parameters(),
    headers: new Parameters(),
  };
  if (at >= 0) readUserInfo(uri, text.slice(start, at));
  let next = hostEnd;
  if (text.charCodeAt(next) === 58) {
    const portStart = next + 1;
    for (next = portStart; next < text.length && isTokenCode(text.charCodeAt(next)); ) next++;
    uri.port = parseDigits(text.slice(portStart, next));
    if (uri.port === undefined || uri.port > 65_535) throw malformed();
  }
  if (text.charCodeAt(next) === 59) next = readPairs(text, next, 59, uri.parameters);
  if (text.charCodeAt(next) === 63) next = readPairs(text, next, 38, uri.headers);
  if (next < text.length) throw malformed();
  return uri;
}

function readUserInfo(uri: SipUri, text: string): void {
  // The user part may hold `;`, `?` and `/` (RFC 4475 §3.1.1.9), but a colon only before a password.
  for (let at = 0; at < text.length; at++) if (isForbidden(text.charCodeAt(at))) throw malformed();
  const colon = text.indexOf(':');
  uri.user = unescapeUri(colon < 0 ? text : text.slice(0, colon));
  if (colon >= 0) uri.password = unescapeUri(text.slice(colon + 1));
  if (uri.user === '') throw malformed();
}

/** Reads `;name=value;name` or `?name=value&name=value` from its first mark on; empty places are passed over. */
function readPairs(text: string, at: number, separator: number, into: Parameters): number {
  let next = at;
  while (next < text.length && (next === at || text.charCodeAt(next) === separator)) {
    const nameStart = ++next;
    let equals = -1;
    for (; next < text.length; next++) {
      const code = text.charCodeAt(next);
      if (code === separator || (code === 63 && separator === 59)) break;
      if (isForbidden(code)) throw malformed();
      if (code === 61 && equals < 0) equals = next;
    }
    if (next === nameStart) continue;
    if (equals === nameStart || into.size >= MAXIMUM_PARAMETERS) throw malformed();
    if (equals < 0) into.add(text.slice(nameStart, next), true);
    else into.add(text.slice(nameStart, equals), text.slice(equals + 1, next));
  }
  return next;
}

/** The end of a host name, IPv4 address or bracketed IPv6 address; underscores occur and are let through. */
function hostEndFrom(text: string, start: number): number {
  let at = start;
  if (text.charCodeAt(at) === 91) {
    for (at++; isIpv6Code(text.charCodeAt(at)); ) at++;
    if (text.charCodeAt(at) !== 93 || at === start + 1) throw malformed();
    return at + 1;
  }
  while (at < text.length && isHostCode(text.charCodeAt(at))) at++;
  if (at === start) throw malformed();
  return at;
}

/** RFC 3261 §19.1.2: escapes stand for octets of UTF-8. @throws SipParseError 400 */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

/** Escapes what may not stand in a user part (RFC 3261 §25.1 user), in the one canonical way. */
export function escapeUser(text: string): string {
  return escapeAllBut(text, /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]+/g);
}

function escapePassword(text: string): string {
  return escapeAllBut(text, /[^A-Za-z0-9\-_.!~*'()&=+$,]+/g);
}

/** Escapes what may not stand in a URI parameter's or URI header's name or value, and `;`, `&`, `=`, `?`. */
export function escapeParameter(text: string): string {
  return escapeAllBut(text, /[^A-Za-z0-9\-_.!~*'()[\]/:+$]+/g);
}

function escapeAllBut(text: string, others: RegExp): string {
  return text.search(others) < 0 ? text : text.replace(others, (part) => encodeURIComponent(part.toWellFormed()));
}

function isScheme(text: string, end: number): boolean {
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    const letter = (code | 32) >= 97 && (code | 32) <= 122;
    if (!letter && (at === 0 || !((code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46)))
      return false;
  }
  return true;
}

function isHostCode(code: number): boolean {
  const lower = code | 32;
  return (lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) || code === 45 || code === 46 || code === 95;
}

function isIpv6Code(code: number): boolean {
  return (code >= 48 && code <= 58) || code === 46 || ((code | 32) >= 97 && (code | 32) <= 102);
}

function isForbidden(code: number): boolean {
  return code < 128 && FORBIDDEN[code] === 1;
}

function malformed(): SipParseError {
  return new SipParseError('Malformed URI');
}
