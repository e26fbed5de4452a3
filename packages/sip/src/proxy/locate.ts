import type { resolve4, resolve6, resolveNaptr, resolveSrv } from 'node:dns/promises';
import type { SipUri } from '../message/index.ts';

/** The part of `node:dns/promises` that is used. */
export interface DnsResolver {
  resolve4(name: string): ReturnType<typeof resolve4>;
  resolve6(name: string): ReturnType<typeof resolve6>;
  resolveSrv(name: string): ReturnType<typeof resolveSrv>;
  resolveNaptr(name: string): ReturnType<typeof resolveNaptr>;
}

export interface Hop {
  transport: 'UDP' | 'TCP' | 'TLS';
  /** An IP address, without brackets. */
  host: string;
  port: number;
}

/**
 * Where a request to `uri` goes, in the order to try (RFC 3263 §4); empty when there is no such place. `random` returns
 * a number from 0 to below 1.
 */
export function locate(_uri: SipUri, _resolver: DnsResolver, _random: () => number): Promise<Hop[]> {
  throw new Error('not yet');
}
