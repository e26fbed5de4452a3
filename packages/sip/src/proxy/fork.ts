import type { SipRequest, SipResponse } from '../message/index.ts';
import type { ClientTransactionUser } from '../transaction/index.ts';

/** Where a request may go. */
export interface ForkTarget {
  /** 0 to 1000; higher ones are tried first. */
  readonly q: number;
  /**
   * Forwards the request in a client transaction of its own, with this Max-Breadth (RFC 5393 §5.3.3). The user may be
   * called at once or later. One that throws has failed as a flow does that is gone.
   */
  start(user: ClientTransactionUser, maxBreadth: number): { cancel(): void };
}

/** How one branch ended. */
export interface ForkOutcome<Target extends ForkTarget = ForkTarget> {
  readonly target: Target;
  /** That came; 408 for a timeout, 503 for a transport error (RFC 3261 §8.1.3.1). */
  readonly status: number;
  /** Nobody answered, for this reason. */
  readonly local: 'timeout' | 'transport' | undefined;
}

export interface ForkOptions<Target extends ForkTarget = ForkTarget> {
  /** As received: answers that are made here are made to it. */
  request: SipRequest;
  targets: readonly Target[];
  /** All at once, whatever their q. */
  parallel?: boolean;
  /**
   * Takes provisional responses but 100 (INVITE only, RFC 4320 §4.1), each 2xx of an INVITE, and one other final
   * response, ready to be sent upstream. When it is a failure, `outcomes` is complete.
   */
  respond(response: SipResponse): void;
  /** No branch is pending any more, and there was an answer. */
  onDone?(): void;
  /** Makes an answer of our own. Default: a bare one, with a random To tag. */
  answer?(status: number): SipResponse;
}

/** The response context of RFC 3261 §16.7: one request, its branches, and the one answer to it. */
export class Fork<Target extends ForkTarget = ForkTarget> {
  /** Of the branches that have ended, in the order in which they did. */
  readonly outcomes: readonly ForkOutcome<Target>[] = [];

  /** @throws SipParseError 400 for a malformed Max-Breadth */
  constructor(options: ForkOptions<Target>) {
    void options;
  }

  start(): void {
    throw new Error('not yet');
  }

  /** The caller wants no answer any more (RFC 3261 §16.10). Does nothing for a request other than INVITE. */
  cancel(): void {
    throw new Error('not yet');
  }
}
