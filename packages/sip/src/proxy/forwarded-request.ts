import type { SipRequest, SipResponse } from '../message/index.ts';

type Line = readonly [name: string, value: string];

export interface ForwardOptions {
  /** The new Request-URI. */
  uri?: string;
  /** Default: one less than it was, 70 when there is none (RFC 3261 §16.6 step 3). */
  maxForwards?: number;
  /** All lines of these names come off. */
  remove?: readonly string[];
  /** Each becomes the only line of its name. */
  set?: readonly Line[];
  /** Put on top of all lines, in this order. */
  prepend?: readonly Line[];
}

/** A copy of `request` to be sent on (RFC 3261 §16.6 steps 1 to 3); lines that are not named stay as they came. */
export function forwardedRequest(_request: SipRequest, _options: ForwardOptions = {}): SipRequest {
  throw new Error('not yet');
}

/** A copy of `response` without its top Via value (RFC 3261 §16.7 step 3). */
export function relayedResponse(_response: SipResponse): SipResponse {
  throw new Error('not yet');
}
