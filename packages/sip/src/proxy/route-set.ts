import type { OpaqueUri, SipRequest, SipUri } from '../message/index.ts';

/**
 * RFC 3261 §16.4: takes our own values off the top of Route, and undoes what a strict router did. `taken` is in the
 * order in which they came off. The same request comes back when there is nothing to take. @throws SipParseError 400
 */
export function takeOwnRoutes(
  _request: SipRequest,
  _isOwn: (uri: SipUri) => boolean,
): { request: SipRequest; taken: SipUri[] } {
  throw new Error('not yet');
}

/**
 * Where the request goes: the URI of its top Route value, else its Request-URI (RFC 3261 §16.6 step 7). When that is
 * a strict router, the request comes back as such a one wants it (step 6). @throws SipParseError 400
 */
export function nextHop(_request: SipRequest): { request: SipRequest; uri: SipUri | OpaqueUri } {
  throw new Error('not yet');
}
