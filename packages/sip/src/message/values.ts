import { parseDigits, quotedStringEnd, trimmedSlice } from './characters.ts';
import type { SipMessage } from './message.ts';
import { type NameAddr, parseNameAddrs } from './name-addr.ts';
import { Parameters, scanParameters } from './parameters.ts';
import { SipParseError } from './parse-error.ts';
import { tokens } from './readers.ts';

/** A value with parameters: Event, Subscription-State, Content-Type, Session-Expires, Reason, Replaces, Accept … */
export interface ParameterizedValue {
  /** As it came, trimmed. */
  value: string;
  parameters: Parameters;
}

/** Reads `value;name=value;name`. @throws SipParseError 400 */
export function parseParameterized(text: string): ParameterizedValue {
  let end = 0;
  while (end < text.length && text.charCodeAt(end) !== 59) {
    end = text.charCodeAt(end) === 34 ? quotedStringEnd(text, end) : end + 1;
  }
  const parameters = new Parameters();
  if (scanParameters(text, end, parameters) < text.length) throw new SipParseError('Malformed Parameter');
  return { value: trimmedSlice(text, 0, end), parameters };
}

/** The first header field of that name; undefined when there is none. @throws SipParseError 400 */
export function parameterized(message: SipMessage, name: string): ParameterizedValue | undefined {
  const text = message.headers.get(name);
  return text === undefined ? undefined : parseParameterized(text);
}

/** All values of a header field that is a comma list, such as Accept or Reason. @throws SipParseError 400 */
export function parameterizedList(message: SipMessage, name: string): ParameterizedValue[] {
  return tokens(message, name).map(parseParameterized);
}

/** All addresses of a header field such as Refer-To, P-Asserted-Identity or Service-Route. @throws SipParseError 400 */
export function nameAddrs(message: SipMessage, name: string): NameAddr[] {
  return message.headers.getAll(name).flatMap(parseNameAddrs);
}

/** RAck (RFC 3262 §7.2): which provisional response is acknowledged. */
export interface RAck {
  responseSequence: number;
  sequence: number;
  method: string;
}

/** @throws SipParseError 400 */
export function rack(message: SipMessage): RAck | undefined {
  const text = message.headers.get('RAck');
  if (text === undefined) return undefined;
  const parts = text.split(/[ \t]+/, 4);
  const [responseSequence, sequence] = parts.map(parseDigits);
  if (parts.length !== 3 || responseSequence === undefined || sequence === undefined) {
    throw new SipParseError('Malformed RAck');
  }
  return { responseSequence, sequence, method: parts[2]! };
}
