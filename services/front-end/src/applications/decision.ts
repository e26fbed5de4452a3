import type { SipRequest, SipResponse } from '@rollcall/sip';

/** What the applications made of a request, for the pool to act on. */
export type Decision =
  /** Goes on, perhaps changed. */
  | { readonly kind: 'pass'; readonly request: SipRequest }
  | { readonly kind: 'answer'; readonly response: SipResponse }
  /** Goes on with another Request-URI. */
  | { readonly kind: 'route'; readonly request: SipRequest };
