import { parseDigits } from './characters.ts';
import type { NameAddr } from './name-addr.ts';
import { SipParseError } from './parse-error.ts';
import { MAXIMUM_EXPIRES } from './readers.ts';

/**
 * Seconds of a Contact value's `expires` parameter; undefined when it has none. A malformed one means 3600 and a too
 * large one 2^32-1 (RFC 3261 §20.10).
 */
export function contactExpires(contact: NameAddr): number | undefined {
  const value = contact.parameters.get('expires');
  if (value === undefined) return undefined;
  const seconds = value === true ? undefined : parseDigits(value);
  return seconds === undefined ? 3600 : Math.min(seconds, MAXIMUM_EXPIRES);
}

/**
 * A Contact value's `q` in thousandths, 0 to 1000; undefined when it has none (RFC 3261 §25.1 qvalue).
 * @throws SipParseError 400
 */
export function contactPriority(contact: NameAddr): number | undefined {
  const value = contact.parameters.get('q');
  if (value === undefined) return undefined;
  // `.5` and `1.` occur; RFC 3261 has a digit on the left.
  const match = value === true || value === '' || value === '.' ? null : /^([01]?)(?:\.(\d{0,3}))?$/.exec(value);
  const q = match ? 1000 * Number(match[1]) + Number((match[2] ?? '').padEnd(3, '0')) : Number.NaN;
  if (!(q <= 1000)) throw new SipParseError('Malformed q');
  return q;
}
