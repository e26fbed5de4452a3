import type { SipRequest } from '../message/index.ts';

/**
 * What tells a loop from a spiral: 16 characters that two requests share when they would be routed alike (RFC 3261
 * §16.6 step 8, RFC 5393 §4.2.1). Take it of the request as it came. `secret` is of this proxy alone, or of its pool.
 */
export function loopHash(_request: SipRequest, _secret: string): string {
  throw new Error('not yet');
}

/** Whether a request with this hash has been forwarded here before: one of its Vias carries it (RFC 5393 §4.2.2). */
export function isLoop(_request: SipRequest, _hash: string): boolean {
  throw new Error('not yet');
}
