import { quotedStringEnd, trimmedSlice } from './characters.ts';
import { SipParseError } from './parse-error.ts';

/** How many values all header field lines of one name may list. */
const MAXIMUM_VALUES = 1024;

/**
 * Splits a comma list outside of quoted strings and angle brackets into trimmed values, and appends them to `into`.
 * Empty places are passed over. @throws SipParseError 400
 */
export function splitList(text: string, into: string[] = []): string[] {
  let start = 0;
  for (let at = 0; at <= text.length; ) {
    const code = at === text.length ? 44 : text.charCodeAt(at);
    if (code === 44) {
      const value = trimmedSlice(text, start, at);
      if (value !== '') into.push(value);
      if (into.length > MAXIMUM_VALUES) throw new SipParseError('Too Many Values');
      start = ++at;
    } else if (code === 34) at = quotedStringEnd(text, at);
    else if (code === 60) {
      at = text.indexOf('>', at) + 1;
      if (at === 0) throw new SipParseError('Unterminated Angle Bracket');
    } else at++;
  }
  return into;
}
