import type { SipRequest, SipResponse } from '../message/index.ts';
import type { Clock } from './clock.ts';
import type { Flow } from './flow.ts';
import type { Timers } from './timers.ts';

/**
 * Why a server transaction is over for its user:
 * `completed` its final response is out, and for a refused INVITE acknowledged; `stateless` answered with `respondStateless`;
 * `unacknowledged` no ACK came within timer H; `abandoned` its user never answered; `closed` the layer was closed.
 */
export type ServerTransactionEnd = 'completed' | 'stateless' | 'unacknowledged' | 'abandoned' | 'closed';

/** One request to be answered (RFC 3261 §17.2). Answers after the end are ignored: the user need not keep track. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly state: 'trying' | 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';
  /** Sends the response and runs the state machine: retransmissions of the request get the latest one again. */
  respond(response: SipResponse): void;
  /** Sends the response and forgets the transaction (RFC 3261 §8.2.7): a retransmission is a new request. */
  respondStateless(response: SipResponse): void;
  /** Called once. Assign it in `onRequest`, if at all. */
  onEnd: ((end: ServerTransactionEnd) => void) | undefined;
  /** The flow is gone, so responses get lost; the transaction goes on (RFC 6026 §7.1). */
  onTransportError: ((error: Error) => void) | undefined;
  /** What a CANCEL of this INVITE is to do, for whoever takes CANCEL requests up (RFC 3261 §9.2). */
  onCancel: (() => void) | undefined;
}

/** What a server transaction has from its layer. */
export interface ServerTransactionHost {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Counts up every quarter of timer J: a coarse clock that costs nothing to read. */
  readonly generation: number;
  /** The INVITE got a 2xx: forget it, but absorb it when it comes again, until timer L. */
  accepted(invite: ServerTransaction): void;
  /** Keeps the final response of a non-INVITE for timer J. */
  keep(key: number, response: Buffer): void;
  /** The transaction is terminated: forget it. */
  ended(transaction: ServerTransaction): void;
}

/** How many generations a transaction may wait for its user, before it is given up. */
export interface Patience {
  readonly nonInvite: number;
  readonly invite: number;
}
