import type { SipRequestOptions } from '@rollcall/test-kit';

/** A subscription as its phone keeps it. */
export interface HeldSubscription {
  readonly callId: string;
  /** With their tags. */
  readonly local: string;
  readonly remote: string;
  /** The pool's Contact. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Made or refreshed by an endpoint that is registered: it moves with it. */
  bound: boolean;
}

/** A SUBSCRIBE in its dialog. */
export function refresh(subscription: HeldSubscription, contact: string, expires: number): SipRequestOptions {
  const { callId, local, remote, target, headers } = subscription;
  return {
    ...{ method: 'SUBSCRIBE', uri: target, from: local, to: remote, callId, contacts: [contact], expires, headers },
  };
}
