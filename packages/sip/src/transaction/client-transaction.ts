import type { SipRequest, SipResponse } from '../message/index.ts';
import type { Clock } from './clock.ts';
import type { Flow } from './flow.ts';
import type { Timers } from './timers.ts';

/** What a client transaction tells its user; after `timeout` or `transportError` nothing more comes. */
export interface ClientTransactionUser {
  /** Provisional responses, then one final one; for an INVITE any number of 2xx (forks and retransmissions). */
  response(response: SipResponse): void;
  /** Nobody answered in time: treat it as a 408 (RFC 3261 §8.1.3.1). */
  timeout(): void;
  /** The flow is gone: treat it as a 503 (RFC 3261 §8.1.3.1). */
  transportError(error: Error): void;
  /**
   * Asked after the first 2xx of an INVITE: who takes those that come later, for as long as timer M runs. Then nothing else
   * of the request is kept. Without it, it is `response` as before.
   */
  accepted?(): ((response: SipResponse) => void) | undefined;
}

/** One request sent, and its responses (RFC 3261 §17.1). */
export interface ClientTransaction {
  /** As sent, with our Via on top. */
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly branch: string;
  /** What is sent may get lost: on UDP, or on a hop behind the next, which is stateless. */
  readonly retransmits: boolean;
  readonly state: 'calling' | 'trying' | 'proceeding' | 'accepted' | 'completed' | 'terminated';
  /**
   * Sends CANCEL for an INVITE, as soon as a provisional response allows it (RFC 3261 §9.1), and gives up 64*T1 later.
   * Does nothing for other methods, or once there is a final response.
   */
  cancel(): void;
}

/** What a client transaction has from its layer. */
export interface ClientTransactionHost {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Sends, and says what went wrong. */
  send(flow: Flow, bytes: Buffer): Error | undefined;
  /** Sends a CANCEL for the transaction, as a transaction of its own. */
  sendCancel(invite: ClientTransaction): void;
  /** There was a 2xx to the INVITE: forget it, but give each that comes until timer M to `later`. */
  accepted(invite: ClientTransaction, later: (response: SipResponse) => void): void;
  /** The transaction is terminated: forget it. */
  ended(transaction: ClientTransaction): void;
}
