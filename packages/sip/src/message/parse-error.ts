import type { SipMessage } from './message.ts';

/**
 * The only error that reading a message or one of its header fields throws.
 *
 * `status` and `reason` are the answer that a request with this fault deserves. `partial` holds what could be read of
 * the message: when it is a request, answer it (RFC 3261 §16.3 step 1); when it is a response or missing, drop it.
 */
export class SipParseError extends Error {
  override readonly name = 'SipParseError';
  readonly status: number;
  readonly reason: string;
  readonly partial: SipMessage | undefined;

  constructor(reason: string, status = 400, partial?: SipMessage) {
    super(`${status} ${reason}`);
    this.status = status;
    this.reason = reason;
    this.partial = partial;
  }
}
