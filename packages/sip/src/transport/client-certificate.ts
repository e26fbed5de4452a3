import type { TLSSocket } from 'node:tls';
import { parseUri, SipParseError } from '../message/index.ts';
import type { ClientCertificate } from '../transaction/index.ts';

/** How many addresses of a certificate are looked at. */
const ADDRESSES = 8;
/** One name as Node writes it: `URI:sip:alice@example.org`, in JSON where it has anything that could be taken for more. */
const ALT_NAME = /([A-Za-z][A-Za-z ]*):(?:("(?:[^"\\]|\\.)*")|([^,"]*))(?:, |$)/y;

/** What the client has shown in its handshake; undefined when it was not asked or had nothing. */
export function clientCertificate(socket: TLSSocket): ClientCertificate | undefined {
  const { subjectaltname, raw } = socket.getPeerCertificate();
  if (!raw) return undefined;
  if (!socket.authorized) return { refused: String(socket.authorizationError), addresses: [] };
  return { addresses: readAltNames(subjectaltname ?? '') };
}

/**
 * The addresses among the names of a certificate: URIs of SIP with a user (RFC 5922 §7.1: never `sips`) and rfc822Names
 * (RFC 5280 §4.2.1.6). None at all when the text is not understood to its end.
 */
export function readAltNames(text: string): ClientCertificate['addresses'] {
  const addresses: { user: string; domain: string }[] = [];
  for (ALT_NAME.lastIndex = 0; ALT_NAME.lastIndex < text.length; ) {
    const [, kind, quoted, plain] = ALT_NAME.exec(text) ?? [];
    const value = quoted === undefined ? plain : unquote(quoted);
    if (kind === undefined || value === undefined) return [];
    const address = kind === 'URI' ? ofUri(value) : kind === 'email' ? ofMail(value) : undefined;
    if (address && isPlain(address.user) && addresses.length < ADDRESSES) addresses.push(address);
  }
  return addresses;
}

function unquote(text: string): string | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ofUri(text: string) {
  try {
    const uri = parseUri(text);
    if (uri.kind !== 'sip' || uri.scheme !== 'sip' || !uri.user || uri.password !== undefined) return undefined;
    return { user: uri.user, domain: uri.host };
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

function ofMail(text: string) {
  const at = text.lastIndexOf('@');
  return at > 0 ? { user: text.slice(0, at), domain: text.slice(at + 1).toLowerCase() } : undefined;
}

/** No name of an account has control characters. */
function isPlain(user: string): boolean {
  return !/\p{Cc}/u.test(user) && user.isWellFormed();
}
