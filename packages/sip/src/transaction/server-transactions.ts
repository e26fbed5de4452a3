import { hash } from 'node:crypto';
import { callId, createResponse, cseq, formatMessage, type SipRequest, to, topVia } from '../message/index.ts';
import { AcceptedInvites } from './accepted-invites.ts';
import { BriefMap } from './brief-map.ts';
import { ByFlow } from './by-flow.ts';
import type { Clock } from './clock.ts';
import { CompletedResponses } from './completed-responses.ts';
import { type Flow, sendOn } from './flow.ts';
import { InviteServerTransaction } from './invite-server.ts';
import { serverKey, untaggedInviteKey } from './matching.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';
import type { ServerTransaction, ServerTransactionHost } from './server-transaction.ts';
import type { Timers } from './timers.ts';

/** How often what happened. */
export interface TransactionCounts {
  requests: number;
  /** Requests that came again and were absorbed or answered from memory. */
  retransmissions: number;
  /** New requests that were refused for want of room. */
  refused: number;
  strays: number;
}

export interface ServerTransactionsOptions {
  clock: Clock;
  timers: Timers;
  /** How many transactions there may be, finished ones that wait for retransmissions included. */
  maximum: number;
  /** How many there are besides those in here. */
  others: () => number;
  /** Seconds for Retry-After. */
  retryAfter: () => number;
  counts: TransactionCounts;
  onRequest: (request: SipRequest, transaction: ServerTransaction) => void;
  onAck: (ack: SipRequest, flow: Flow) => void;
}

/** The server transactions of a layer, by what RFC 3261 §17.2.3 matches. */
export class ServerTransactions implements ServerTransactionHost {
  readonly clock: Clock;
  readonly timers: Timers;
  generation = 0;
  readonly #options: ServerTransactionsOptions;
  readonly #live = new BriefMap<number, InviteServerTransaction | NonInviteServerTransaction>();
  readonly #byFlow = new ByFlow<InviteServerTransaction>();
  readonly #completed = new CompletedResponses();
  readonly #accepted: AcceptedInvites<true>;
  #stopSweeping: (() => void) | undefined;

  constructor(options: ServerTransactionsOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.timers = options.timers;
    this.#accepted = new AcceptedInvites(options.clock, options.timers.L);
  }

  get size(): number {
    return this.#live.size + this.#completed.size + this.#accepted.size;
  }

  /** False when the request cannot be matched, for want of the header fields. */
  receive(request: SipRequest, flow: Flow): boolean {
    const key = serverKey(request, flow, request.method === 'ACK' ? 'INVITE' : request.method);
    if (key === undefined) return false;
    if (request.method === 'ACK') this.#receiveAck(request, flow, key);
    else if (this.#isRetransmission(request, flow, key)) this.#options.counts.retransmissions++;
    else if (this.size + this.#options.others() >= this.#options.maximum) this.#refuse(request, flow);
    else this.#start(request, flow, key);
    return true;
  }

  #isRetransmission(request: SipRequest, flow: Flow, key: number): boolean {
    const live = this.#live.get(key);
    if (live) {
      live.receiveAgain();
      return true;
    }
    if (request.method === 'INVITE') return this.#accepted.get(key) !== undefined;
    const response = flow.reliable ? undefined : this.#completed.get(key);
    if (!response) return false;
    sendOn(flow, response);
    return true;
  }

  #start(request: SipRequest, flow: Flow, key: number): void {
    this.#options.counts.requests++;
    this.#sweepLater();
    if (request.method === 'INVITE') {
      const transaction = new InviteServerTransaction(request, flow, key, this);
      this.#live.set(key, transaction);
      this.#byFlow.add(transaction);
      this.#options.onRequest(request, transaction);
      transaction.startTrying();
    } else {
      const transaction = new NonInviteServerTransaction(request, flow, key, this);
      this.#live.set(key, transaction);
      this.#options.onRequest(request, transaction);
    }
  }

  /** The INVITE that a CANCEL is about (RFC 3261 §9.2); undefined when there is none: 481. */
  cancelled(cancel: ServerTransaction): Pick<ServerTransaction, 'onCancel'> | undefined {
    const key = serverKey(cancel.request, cancel.flow, 'INVITE');
    if (key === undefined) return undefined;
    // One that was accepted goes on all the same.
    return this.#live.get(key) ?? (this.#accepted.get(key) && { onCancel: undefined });
  }

  accepted(invite: InviteServerTransaction): void {
    this.ended(invite);
    this.#accepted.add(invite.key, true);
  }

  keep(key: number, response: Buffer): void {
    this.#completed.add(key, response);
  }

  ended(transaction: InviteServerTransaction | NonInviteServerTransaction): void {
    this.#live.delete(transaction.key);
    if (transaction instanceof InviteServerTransaction) this.#byFlow.remove(transaction);
  }

  flowClosed(flow: Flow, error: Error): void {
    for (const transaction of this.#byFlow.take(flow)) transaction.input('transportError', error);
  }

  close(): void {
    this.#stopSweeping?.();
    this.#stopSweeping = undefined;
    for (const transaction of this.#live.values()) transaction.close();
    this.#completed.clear();
    this.#accepted.clear();
  }

  #receiveAck(ack: SipRequest, flow: Flow, key: number): void {
    const transaction = this.#acknowledgedInvite(ack, flow, key);
    if (transaction) transaction.receiveAck(ack);
    // The ACK of a 2xx is a transaction of its own (RFC 3261 §13.2.2.4).
    else this.#options.onAck(ack, flow);
  }

  #acknowledgedInvite(ack: SipRequest, flow: Flow, key: number): InviteServerTransaction | undefined {
    const transaction = this.#live.get(key);
    if (transaction instanceof InviteServerTransaction) return transaction;
    const untagged = untaggedInviteKey(ack, flow);
    const candidate = untagged === undefined ? undefined : this.#live.get(untagged);
    if (!(candidate instanceof InviteServerTransaction) || !candidate.latestResponse) return undefined;
    return to(candidate.latestResponse).tag === to(ack).tag ? candidate : undefined;
  }

  #refuse(request: SipRequest, flow: Flow): void {
    this.#options.counts.refused++;
    // RFC 3261 §8.2.7: without a transaction the same request must get the same tag, also from another front end.
    const named = `${topVia(request).branch ?? ''} ${callId(request)} ${cseq(request).sequence}`;
    const toTag = hash('sha256', named).slice(0, 16);
    const headers = [['Retry-After', String(this.#options.retryAfter())]] as const;
    sendOn(flow, formatMessage(createResponse(request, 503, undefined, { toTag, headers })));
  }

  #sweepLater(): void {
    this.#stopSweeping ??= this.clock.after(this.#period, () => this.#sweep());
  }

  /** Drops what timer J is over for, and requests that nobody has answered. */
  #sweep(): void {
    this.#stopSweeping = undefined;
    this.generation++;
    this.#completed.rotate();
    const patience = {
      nonInvite: CompletedResponses.rotations,
      invite: Math.ceil(this.timers.abandoned / this.#period),
    };
    for (const transaction of this.#live.values()) transaction.sweep(patience);
    if (this.#live.size + this.#completed.size > 0) this.#sweepLater();
  }

  get #period(): number {
    return this.timers.J / CompletedResponses.rotations;
  }
}
