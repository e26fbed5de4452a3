import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { parseDigits } from '../message/characters.ts';
import type { Address } from './listener.ts';

/** The two ends of a connection as its client sees them. */
export interface ConnectionEnds {
  readonly remote: Address;
  readonly local: Address;
  /** A balancer ended the client's TLS. */
  readonly secure: boolean;
}

/** What the first bytes of a balanced connection say (PROXY protocol of haproxy.org, versions 1 and 2). */
export type ProxyHeader =
  | { kind: 'incomplete' }
  | { kind: 'malformed' }
  /** `length` bytes; without `ends` the balancer speaks for itself (a health check) or does not know. */
  | { kind: 'header'; length: number; ends?: ConnectionEnds };

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** §2.1: the longest line of version 1, with its CRLF. */
const LINE_BYTES = 107;
/** Of version 2, which could declare 64 KB. */
const HEADER_BYTES = 4096;
const FIXED_BYTES = 16;
const INCOMPLETE: ProxyHeader = { kind: 'incomplete' };
const MALFORMED: ProxyHeader = { kind: 'malformed' };

/** Whether a connection begins with a PROXY header; takes a whole first word to say so. */
export function startsWithProxyHeader(bytes: Buffer): boolean {
  if (bytes[0] === SIGNATURE[0]) return bytes.length >= 12 && bytes.subarray(0, 12).equals(SIGNATURE);
  return bytes[0] === 80 && /^PROXY (?:TCP|UNKNOWN)/.test(bytes.toString('latin1', 0, 13));
}

/** Reads the header at the start of `bytes`, which may hold more, or less. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (bytes.length === 0) return INCOMPLETE;
  return bytes[0] === SIGNATURE[0] ? parseBinary(bytes) : parseLine(bytes);
}

/** §2.1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n`. */
function parseLine(bytes: Buffer): ProxyHeader {
  const text = bytes.toString('latin1', 0, LINE_BYTES);
  if (!text.startsWith('PROXY '.slice(0, text.length))) return MALFORMED;
  const end = text.indexOf('\r\n');
  if (end < 0) return text.length < LINE_BYTES ? INCOMPLETE : MALFORMED;
  const words = text.slice(0, end).split(' ');
  const length = end + 2;
  // What follows UNKNOWN is to be ignored.
  if (words[1] === 'UNKNOWN') return { kind: 'header', length };
  const isAddress = words[1] === 'TCP4' ? isIPv4 : words[1] === 'TCP6' ? isIPv6 : undefined;
  const [from = '', to = '', fromPort = '', toPort = ''] = words.slice(2);
  const ports = [fromPort, toPort].map(parsePort);
  if (words.length !== 6 || !isAddress?.(from) || !isAddress(to) || ports.includes(-1)) return MALFORMED;
  const remote = { address: normal(from), port: ports[0]! };
  return { kind: 'header', length, ends: { remote, local: { address: normal(to), port: ports[1]! }, secure: false } };
}

function parsePort(text: string): number {
  const port = text.length > 5 ? undefined : parseDigits(text);
  return port === undefined || port > 65_535 ? -1 : port;
}

/** §2.2: signature, version and command, family, length of what follows, addresses, type-length-value fields. */
function parseBinary(bytes: Buffer): ProxyHeader {
  const present = Math.min(bytes.length, SIGNATURE.length);
  if (!bytes.subarray(0, present).equals(SIGNATURE.subarray(0, present))) return MALFORMED;
  if (bytes.length < FIXED_BYTES) return INCOMPLETE;
  const [command, family] = [bytes[12]!, bytes[13]!];
  const length = FIXED_BYTES + bytes.readUInt16BE(14);
  if ((command !== 0x20 && command !== 0x21) || length > HEADER_BYTES) return MALFORMED;
  if (bytes.length < length) return INCOMPLETE;
  if (command === 0x20) return { kind: 'header', length }; // LOCAL
  const rest = bytes.subarray(FIXED_BYTES, length);
  switch (family) {
    case 0x11:
      return withEnds(rest, 4, length);
    case 0x21:
      return withEnds(rest, 16, length);
    case 0x00: // unspecified
    case 0x31: // a UNIX socket has no address that would mean anything here
      return { kind: 'header', length };
    default:
      return MALFORMED;
  }
}

function withEnds(rest: Buffer, size: 4 | 16, length: number): ProxyHeader {
  const addresses = 2 * size + 4;
  const secure = rest.length < addresses ? undefined : isSecure(rest.subarray(addresses));
  if (secure === undefined) return MALFORMED;
  const remote = { address: addressText(rest.subarray(0, size)), port: rest.readUInt16BE(2 * size) };
  const local = { address: addressText(rest.subarray(size, 2 * size)), port: rest.readUInt16BE(2 * size + 2) };
  return { kind: 'header', length, ends: { remote, local, secure } };
}

/** §2.2.6: PP2_TYPE_SSL with PP2_CLIENT_SSL; undefined when a field is cut off. */
function isSecure(fields: Buffer): boolean | undefined {
  let secure = false;
  let at = 0;
  while (at + 3 <= fields.length) {
    const length = fields.readUInt16BE(at + 1);
    if (fields[at] === 0x20 && length >= 5) secure = (fields[at + 3]! & 1) === 1;
    at += 3 + length;
  }
  return at === fields.length ? secure : undefined;
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  return normal(bytes.toString('hex').replace(/(.{4})(?!$)/g, '$1:'));
}

/** One spelling an address; IPv4 clients of a dual-stack balancer are known by their IPv4 address. */
function normal(address: string): string {
  if (isIPv4(address)) return address;
  return plainAddress(new SocketAddress({ family: 'ipv6', address }).address);
}

/** IPv4 clients of a dual-stack socket are known by their IPv4 address. */
export function plainAddress(address: string | undefined): string {
  return address?.startsWith('::ffff:') ? address.slice(7) : (address ?? '');
}
