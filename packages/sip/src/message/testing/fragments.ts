import { SipParseError } from '../parse-error.ts';

// For tests: what header fields and URIs are made of, for inputs that parsers must survive.
export const FRAGMENTS =
  '<|>|"|\\|;|,|=|:|@|?|&|%|%41|%4|%ff|[|]|*|.|/| |\t|\r\n |sip:|sips:|tel:|a|B|é|大|0|1|5060|::1|tag|branch|expires|q|0.5|SIP/2.0/UDP|z9hG4bK|lr|INVITE|\u0000'.split(
    '|',
  );

/** Runs it; a SipParseError is fine, any other error is not. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
