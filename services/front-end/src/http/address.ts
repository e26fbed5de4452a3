import { formatUri, Parameters, parseUri, SipParseError } from '@rollcall/sip';
import type { FrontEnd } from '../sip/context.ts';

export interface AccountAddress {
  /** Unescaped, case-sensitive. */
  user: string;
  /** Lower case. */
  domain: string;
}

/** Reads `alice@example.org` or `sip:alice@example.org`; undefined when it is no address of record of anybody. */
export function readAddress(text: string): AccountAddress | undefined {
  try {
    const uri = parseUri(/^sips?:/i.test(text) ? text : `sip:${text}`);
    if (uri.kind !== 'sip' || !uri.user || uri.password !== undefined) return undefined;
    return { user: uri.user, domain: uri.host };
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

/** As SIP does: the server's own addresses are names of its domain. A domain that is not served stays as it is. */
export async function findAddress(frontEnd: FrontEnd, text: string): Promise<AccountAddress | undefined> {
  const address = readAddress(text);
  if (!address) return undefined;
  return { user: address.user, domain: (await frontEnd.domains.find(address.domain)) ?? address.domain };
}

/** As `readAddress` reads it: `alice@example.org`, with what is no part of a user name escaped. */
export function showAddress({ user, domain }: AccountAddress): string {
  const none = new Parameters();
  const uri = formatUri({ kind: 'sip', scheme: 'sip', user, host: domain, parameters: none, headers: none });
  return uri.slice('sip:'.length);
}

/** The address that a URI names, or else the URI. */
export function shownUri(uri: string): string {
  const address = readAddress(uri);
  return address ? showAddress(address) : uri;
}
