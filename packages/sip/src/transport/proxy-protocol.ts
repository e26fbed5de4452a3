import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { parseDigits } from '../message/characters.ts';
import type { ClientCertificate } from '../transaction/index.ts';
import { crc32c } from './crc32c.ts';
import type { Address } from './listener.ts';

/** The two ends of a connection as its client sees them. */
export interface ConnectionEnds {
  readonly remote: Address;
  readonly local: Address;
  /** A balancer ended the client's TLS. */
  readonly secure: boolean;
  /** What the client has shown in the TLS handshake here. */
  readonly certificate?: ClientCertificate | undefined;
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
/** Two paths of 108 bytes. */
const UNIX_BYTES = 216;
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
  if (command === 0x20) return { kind: 'header', length }; // LOCAL: the rest is to be discarded
  const header = bytes.subarray(0, length);
  switch (family) {
    case 0x11:
      return withEnds(header, 4);
    case 0x21:
      return withEnds(header, 16);
    case 0x31: // a UNIX socket has no address that would mean anything here
      return readFields(header, FIXED_BYTES + UNIX_BYTES) ? { kind: 'header', length } : MALFORMED;
    case 0x00: // unspecified: nothing says where fields would begin
      return { kind: 'header', length };
    default:
      return MALFORMED;
  }
}

function withEnds(header: Buffer, size: 4 | 16): ProxyHeader {
  const ports = FIXED_BYTES + 2 * size;
  const fields = readFields(header, ports + 4);
  if (fields === undefined) return MALFORMED;
  const [from, to] = [header.subarray(FIXED_BYTES, FIXED_BYTES + size), header.subarray(FIXED_BYTES + size, ports)];
  const remote = { address: addressText(from), port: header.readUInt16BE(ports) };
  const local = { address: addressText(to), port: header.readUInt16BE(ports + 2) };
  return { kind: 'header', length: header.length, ends: { remote, local, secure: fields.secure } };
}

/** §2.2: the fields of `header` from `at` on; undefined when one is cut off or the checksum is wrong. */
function readFields(header: Buffer, at: number): { secure: boolean } | undefined {
  let secure = false;
  let next = at;
  while (next + 3 <= header.length) {
    const [type, length, value] = [header[next]!, header.readUInt16BE(next + 1), next + 3];
    next = value + length;
    if (next > header.length) return undefined;
    // §2.2.6: PP2_TYPE_SSL with PP2_CLIENT_SSL.
    if (type === 0x20 && length >= 5) secure = (header[value]! & 1) === 1;
    if (type === 0x03 && (length !== 4 || !isChecksum(header, value))) return undefined;
  }
  return next === header.length ? { secure } : undefined;
}

/** §2.2.3, PP2_TYPE_CRC32C: whether the four bytes at `at` are the sum of the header in which they are zero. */
function isChecksum(header: Buffer, at: number): boolean {
  const summed = Buffer.from(header).fill(0, at, at + 4);
  return crc32c(summed) === header.readUInt32BE(at);
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
