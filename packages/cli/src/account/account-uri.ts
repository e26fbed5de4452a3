import { formatUri, Parameters, parseUri, SipParseError } from '@rollcall/sip';

/** An account's address of record, taken apart. */
export interface AccountName {
  /** Unescaped, case-sensitive. */
  user: string;
  /** Lower case. */
  domain: string;
}

/**
 * Reads `sip:alice@example.org` or `alice@example.org`.
 *
 * @returns undefined when the text is no address of record: another scheme, no user, a password, port, parameters or headers, or longer than can be stored
 */
export function parseAccountUri(text: string): AccountName | undefined {
  try {
    const uri = parseUri(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `sip:${text}`);
    if (uri.kind !== 'sip' || uri.scheme !== 'sip' || uri.user === undefined) return undefined;
    if (uri.password !== undefined || uri.port !== undefined) return undefined;
    if (uri.parameters.size > 0 || uri.headers.size > 0) return undefined;
    // RFC 3261 sets no bound; the back end keeps 255 octets of each.
    if (Buffer.byteLength(uri.user) > 255 || uri.host.length > 255) return undefined;
    return { user: uri.user, domain: uri.host };
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

/** The address of record as it is shown: `sip:alice@example.org`. */
export function formatAccountUri({ user, domain }: AccountName): string {
  return formatUri({
    kind: 'sip',
    scheme: 'sip',
    user,
    host: domain,
    parameters: new Parameters(),
    headers: new Parameters(),
  });
}

/** A domain name or IP address as it can stand in an address of record, in lower case; undefined when it is none. */
export function parseDomain(text: string): string | undefined {
  return text.includes('@') ? undefined : parseAccountUri(`user@${text}`)?.domain;
}
