import { DocumentError } from './document-error.ts';

// RFC 3261 §25.1: what a user part may have as it is.
const ESCAPED = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu;

/** user@domain, the user part unescaped → `sip:` with the user part escaped. */
export function formatAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `sip:${address.slice(0, at).toWellFormed().replace(ESCAPED, encode)}${address.slice(at)}`;
}

/**
 * `sip:…` → user@domain. A URI that `formatAddress` would write in another way is refused: what a client has put it must find again
 * under the same name (RFC 4825 §7).
 *
 * @throws {DocumentError}
 */
export function readAddress(uri: string): string {
  const [, user, domain] = /^sip:([^@]+)@([^@;?]+)$/i.exec(uri) ?? [];
  if (
    user === undefined ||
    domain === undefined ||
    uri.length > 500 ||
    !/^(?:\[[0-9a-f:.]+\]|[\w.-]+)$/i.test(domain)
  ) {
    throw new DocumentError(
      'constraint-failure',
      `${quote(uri)} is not of the form sip:user@domain, without parameters`,
    );
  }
  const address = `${readUser(user, uri)}@${domain.toLowerCase()}`;
  const written = formatAddress(address);
  if (written !== uri)
    throw new DocumentError('constraint-failure', `${quote(uri)} is to be written ${quote(written)}`);
  return address;
}

function readUser(user: string, uri: string): string {
  try {
    const text = decodeURIComponent(user);
    // No database and no header field has a place for these.
    if (!/[\x00-\x1f\x7f]/.test(text)) return text;
  } catch {}
  throw new DocumentError('constraint-failure', `the user part of ${quote(uri)} cannot be read`);
}

function encode(character: string): string {
  return [...Buffer.from(character, 'utf8')]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

export function quote(text: string): string {
  return `'${text.toWellFormed().slice(0, 100)}'`;
}
