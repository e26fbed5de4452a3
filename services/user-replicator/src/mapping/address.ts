import { formatUri, Parameters, parseUri, SipParseError } from '@rollcall/sip';
import type { Values } from './values.ts';

export type FoundAddress =
  | { outcome: 'found'; user: string; domain: string }
  | { outcome: 'none' }
  | { outcome: 'malformed'; detail: string };

/** Octets of each part that the back end keeps. */
const LONGEST = 255;
const SCHEME = /^([a-z][a-z0-9+.-]*):/i;

/**
 * The address of record of an entry: what the first source with an address says, wrong or not; another that is right
 * would be a guess. Directories compare addresses without capitals, so both parts are in lower case.
 */
export function findAddress(sources: readonly string[], values: Values): FoundAddress {
  for (const source of sources) {
    const texts = values.all(source).filter((text) => (SCHEME.exec(text)?.[1] ?? 'sip').toLowerCase() === 'sip');
    const [text] = texts.sort(byPreference);
    if (text === undefined) continue;
    const address = readAddress(text);
    return address ?? { outcome: 'malformed', detail: `${source} is ${JSON.stringify(text)}, which is no SIP address` };
  }
  return { outcome: 'none' };
}

/** Of several, `SIP:` in capitals is the primary one, as in proxyAddresses; else the first of the alphabet, in whatever order they came. */
function byPreference(a: string, b: string): number {
  const primary = (text: string) => Number(text.startsWith('SIP:'));
  return primary(b) - primary(a) || (a < b ? -1 : Number(a > b));
}

function readAddress(text: string): FoundAddress | undefined {
  try {
    const written = SCHEME.test(text) ? `sip:${text.slice(4)}` : asUri(text);
    if (written === undefined) return undefined;
    const uri = parseUri(written);
    if (uri.kind !== 'sip' || !uri.user || uri.password !== undefined || uri.port !== undefined) return undefined;
    if (uri.parameters.size > 0 || uri.headers.size > 0) return undefined;
    const [user, domain] = [uri.user.toLowerCase(), uri.host.toLowerCase()];
    // U+FFFD is what bytes become that are no UTF-8.
    if (/[\p{Cc}\p{Zs}@\uFFFD]/u.test(user)) return undefined;
    if (Buffer.byteLength(user) > LONGEST || domain.length > LONGEST) return undefined;
    return { outcome: 'found', user, domain };
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

/** A mail address: its local part may have characters that SIP escapes. */
function asUri(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const [user, host] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (at <= 0 || !/^[a-z0-9.-]+$|^\[[0-9a-f:.]+\]$/i.test(host)) return undefined;
  const none = new Parameters();
  return formatUri({ kind: 'sip', scheme: 'sip', user, host, parameters: none, headers: none });
}
