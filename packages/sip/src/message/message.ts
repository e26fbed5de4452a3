import type { Headers } from './headers.ts';
import type { OpaqueUri, SipUri } from './uri.ts';

export interface SipRequest {
  readonly kind: 'request';
  /** As it came: methods are case-sensitive (RFC 3261 §7.1), unknown ones are kept. */
  readonly method: string;
  /** The Request-URI as it came; `parseUri` reads it. */
  readonly uri: string;
  readonly headers: Headers;
  readonly body: Buffer;
  /** What `requestUri` made of `uri`, and of which: a copy may have another. */
  parsedUri?: { readonly text: string; readonly uri: SipUri | OpaqueUri } | undefined;
}

export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export type SipMessage = SipRequest | SipResponse;

/** The one empty body: messages without a body share it. */
export const NO_BODY: Buffer = Buffer.alloc(0);
