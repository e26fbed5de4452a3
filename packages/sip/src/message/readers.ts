import { isToken, parseDigits, skipSpace, trimmedSlice } from './characters.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { type NameAddr, parseNameAddr, parseNameAddrs } from './name-addr.ts';
import { SipParseError } from './parse-error.ts';
import { splitList } from './split-list.ts';
import { type OpaqueUri, parseUri, type SipUri } from './uri.ts';
import { parseVias, type Via } from './via.ts';

// What a reader makes of a header field line is kept with the line, so reading twice costs nothing.
// All of them throw SipParseError 400 when the header field is malformed, or missing where one must be there.

export function topVia(message: SipMessage): Via {
  const first = message.headers.parsedFirst('Via', parseVias);
  if (first === undefined) throw new SipParseError('Missing Via');
  return first[0]!;
}

export function vias(message: SipMessage): readonly Via[] {
  return message.headers.parsedAll('Via', parseVias);
}

export function from(message: SipMessage): NameAddr {
  return required(message, 'From', parseNameAddr);
}

export function to(message: SipMessage): NameAddr {
  return required(message, 'To', parseNameAddr);
}

export function callId(message: SipMessage): string {
  const value = message.headers.get('Call-ID');
  if (!value) throw new SipParseError('Missing Call-ID');
  return value;
}

/** The Request-URI. Read only: all who ask get the same. */
export function requestUri(request: SipRequest): SipUri | OpaqueUri {
  const { parsedUri, uri } = request;
  if (parsedUri?.text === uri) return parsedUri.uri;
  request.parsedUri = { text: uri, uri: parseUri(uri) };
  return request.parsedUri.uri;
}

export interface CSeq {
  /** Less than 2^31 (RFC 3261 §8.1.1.5). */
  sequence: number;
  method: string;
}

export function cseq(message: SipMessage): CSeq {
  return required(message, 'CSeq', parseCSeq);
}

/** `*`, or the values of all Contact header fields. */
export function contacts(message: SipMessage): '*' | readonly NameAddr[] {
  const list = message.headers.parsedAll('Contact', parseContacts);
  if (!list.includes('*')) return list as readonly NameAddr[];
  // RFC 3261 §10.3 step 6: `*` stands alone.
  if (list.length > 1) throw new SipParseError('Malformed Contact');
  return '*';
}

export function routes(message: SipMessage): readonly NameAddr[] {
  return message.headers.parsedAll('Route', parseNameAddrs);
}

export function recordRoutes(message: SipMessage): readonly NameAddr[] {
  return message.headers.parsedAll('Record-Route', parseNameAddrs);
}

export function path(message: SipMessage): readonly NameAddr[] {
  return message.headers.parsedAll('Path', parseNameAddrs);
}

export const MAXIMUM_EXPIRES = 0xffff_ffff;

/** Seconds of the Expires header field; more than 2^32-1 is read as that (RFC 3261 §20.19). */
export function expires(message: SipMessage): number | undefined {
  return seconds(message, 'Expires');
}

/** 0 to 255. A larger number is read as if there were none (RFC 4475 §3.1.2.4). */
export function maxForwards(message: SipMessage): number | undefined {
  const value = seconds(message, 'Max-Forwards');
  return value === undefined || value > 255 ? undefined : value;
}

/** Any header field that is one number, such as Min-Expires or RSeq; more than 2^32-1 is read as that. */
export function seconds(message: SipMessage, name: string): number | undefined {
  const text = message.headers.get(name);
  if (text === undefined) return undefined;
  const value = parseDigits(text);
  if (value === undefined) throw new SipParseError(`Malformed ${name}`);
  return Math.min(value, MAXIMUM_EXPIRES);
}

/** The values of a comma list of tokens, such as Supported or Allow, from all its lines; parameters are kept. */
export function tokens(message: SipMessage, name: string): string[] {
  const list: string[] = [];
  for (const line of message.headers.getAll(name)) splitList(line, list);
  return list;
}

function required<T>(message: SipMessage, name: string, parse: (text: string) => T): T {
  const value = message.headers.parsedFirst(name, parse);
  if (value === undefined) throw new SipParseError(`Missing ${name}`);
  return value;
}

function parseContacts(text: string): readonly ('*' | NameAddr)[] {
  return text === '*' ? ['*'] : parseNameAddrs(text);
}

function parseCSeq(text: string): CSeq {
  let digitsEnd = 0;
  while (digitsEnd < text.length && text.charCodeAt(digitsEnd) > 32) digitsEnd++;
  const sequence = parseDigits(text.slice(0, digitsEnd));
  const method = trimmedSlice(text, skipSpace(text, digitsEnd), text.length);
  if (sequence === undefined || sequence >= 0x8000_0000 || !isToken(method)) throw new SipParseError('Malformed CSeq');
  return { sequence, method };
}
