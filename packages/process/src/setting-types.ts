import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { LOG_LEVELS } from './log.ts';

/** A whole number given as text or number. */
export function wholeNumber(minimum: number, maximum: number) {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/, error).transform(Number)], { error })
    .refine((n) => Number.isInteger(n) && n >= minimum && n <= maximum, { error });
}

/** A TCP or UDP port; 0 takes any free one. */
export function port() {
  return wholeNumber(0, 65_535);
}

/** A comma list of choices, e.g. `MD5,SHA-256`; at least one, none twice. */
export function choices<const Choice extends string>(allowed: readonly [Choice, ...Choice[]]) {
  const error = `must be one or more of ${allowed.join(', ')}, with commas between`;
  return z
    .union([z.array(z.string()), z.string().transform((text) => text.split(',').map((part) => part.trim()))])
    .pipe(z.array(z.enum(allowed, { error }), { error }).nonempty({ error }))
    .refine((list) => new Set(list).size === list.length, { error });
}

/** postgres://user:password@host:port/database */
export function databaseUrl() {
  return z.string().refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol), {
    error: 'must be a URL like postgres://user:password@host:5432/rollcall',
  });
}

/** redis://user:password@host:port/database, or rediss:// for TLS */
export function redisUrl() {
  return z.string().refine((text) => URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol), {
    error: 'must be a URL like redis://redis.example.org:6379/0',
  });
}

export function logLevel() {
  return z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` });
}

/** A comma list of texts, e.g. of files. */
export function texts() {
  return z
    .union([z.array(z.string()), z.string().transform((text) => text.split(',').map((part) => part.trim()))])
    .refine((list) => list.every((text) => text !== ''), { error: 'must be a list with commas between' });
}

/** A comma list of web origins, e.g. `https://phone.example.org,http://localhost:3000` (RFC 6454). */
export function origins() {
  const error = 'must be web origins like https://phone.example.org, with commas between';
  const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;
  return z
    .union([z.array(z.string()), z.string().transform((text) => text.split(',').map((part) => part.trim()))])
    .refine((list) => list.every(isOrigin), { error });
}

/** A comma list of servers of names, e.g. `10.0.0.2,10.0.0.3:5353`. */
export function nameServers() {
  return texts().refine((list) => list.every(isNameServer), {
    error: 'must be addresses like 10.0.0.2 or 10.0.0.2:5353, with commas between',
  });
}

function isNameServer(text: string): boolean {
  const [, address = text, port = '53'] = /^([\d.]+|\[.*\]):(\d{1,5})$/.exec(text) ?? [];
  return isIP(address.replace(/^\[|\]$/g, '')) > 0 && Number(port) > 0 && Number(port) < 65_536;
}

/** A comma list of addresses and networks, e.g. `10.0.0.0/8,192.0.2.1,2001:db8::/32`, to look addresses up in. */
export function networks() {
  const error = 'must be addresses or networks like 10.0.0.0/8, with commas between';
  return z
    .union([z.instanceof(BlockList), z.string().transform(readNetworks)])
    .refine((list) => list !== undefined, { error })
    .transform((list) => list as BlockList);
}

function readNetworks(text: string): BlockList | undefined {
  const list = new BlockList();
  return text.split(',').every((part) => addNetwork(list, part.trim())) ? list : undefined;
}

function addNetwork(list: BlockList, text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || length > bits)) return false;
  list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  return true;
}
