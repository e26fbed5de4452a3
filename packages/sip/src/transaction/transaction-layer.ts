import { createRequest, formatMessage, type SipMessage, type SipRequest } from '../message/index.ts';
import { branches } from './branch.ts';
import type { ClientTransaction, ClientTransactionUser } from './client-transaction.ts';
import { ClientTransactions } from './client-transactions.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Flow, sendOn } from './flow.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { ServerTransactions, type TransactionCounts } from './server-transactions.ts';
import { TIMERS, type Timers } from './timers.ts';

export interface TransactionLayerOptions {
  /** A new request: answer it with `transaction.respond`, now or later. */
  onRequest(request: SipRequest, transaction: ServerTransaction): void;
  /** The ACK of a 2xx, or one that belongs to nothing; it is never answered. */
  onAck?(ack: SipRequest, flow: Flow): void;
  /** A response without a transaction, or a message that cannot be matched: to be dropped (RFC 6026 §7.3). */
  onStray?(message: SipMessage, flow: Flow): void;
  clock?: Clock;
  timers?: Timers;
  /**
   * How many transactions there may be, finished ones that wait for retransmissions included (32 s of UDP requests).
   * Past it a new request is answered 503 with Retry-After and forgotten. Default 400,000.
   */
  maximum?: number;
  /** Seconds for Retry-After; spread it, so that the refused do not come back together. Default 5 to 14. */
  retryAfter?: () => number;
  /** Makes the branch of a request that is sent. */
  createBranch?: () => string;
  /** `host:port` for the Via of a request that is sent. Default: the local address of the flow. */
  sentBy?: (flow: Flow) => string;
}

/** RFC 3261 §17: matches messages to transactions. */
export class TransactionLayer {
  readonly counts: TransactionCounts = { requests: 0, retransmissions: 0, refused: 0, strays: 0 };
  readonly #onStray: TransactionLayerOptions['onStray'];
  readonly #createBranch: () => string;
  readonly #sentBy: (flow: Flow) => string;
  readonly #clients: ClientTransactions;
  readonly #servers: ServerTransactions;
  #closed = false;

  constructor(options: TransactionLayerOptions) {
    const { clock = systemClock, timers = TIMERS } = options;
    this.#onStray = options.onStray;
    this.#createBranch = options.createBranch ?? branches();
    this.#sentBy = options.sentBy ?? sentBy;
    this.#clients = new ClientTransactions(clock, timers);
    this.#servers = new ServerTransactions({
      clock,
      timers,
      maximum: options.maximum ?? 400_000,
      others: () => this.#clients.size,
      retryAfter: options.retryAfter ?? (() => 5 + Math.floor(Math.random() * 10)),
      counts: this.counts,
      onRequest: (request, transaction) => options.onRequest(request, transaction),
      onAck: (ack, flow) => options.onAck?.(ack, flow),
    });
  }

  /** Transactions in memory, finished ones that wait for retransmissions included. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  /**
   * Takes a message from the transport. A request should have passed `checkRequest`, and have its `received` stamped;
   * `flow` is where its responses go.
   */
  receive(message: SipMessage, flow: Flow): void {
    if (this.#closed) return;
    if (message.kind === 'request' ? this.#servers.receive(message, flow) : this.#clients.receive(message)) return;
    this.counts.strays++;
    this.#onStray?.(message, flow);
  }

  /**
   * Sends a request in a client transaction (RFC 3261 §17.1). Puts our Via on top of `request`, which it keeps.
   * `mark` goes behind what makes the branch unique (`loopHash`, RFC 3261 §16.6 step 8). `retransmits`: over a reliable
   * connection too, since a stateless proxy takes it from there over UDP.
   */
  request(
    request: SipRequest,
    flow: Flow,
    user: ClientTransactionUser,
    { mark, retransmits }: { mark?: string; retransmits?: boolean } = {},
  ): ClientTransaction {
    return this.#clients.start(request, flow, this.#addVia(request, flow, mark), user, retransmits);
  }

  /**
   * As `request`, for one that its sender has as text (NOTIFY to many watchers): `bytes` puts the Via that it is given on top.
   * `method` is not INVITE.
   */
  requestBytes(method: string, bytes: (via: string) => Buffer, flow: Flow, user: ClientTransactionUser): void {
    const branch = this.#createBranch();
    this.#clients.startBytes(namedOnly(method), bytes(this.#via(flow, branch)), flow, branch, user);
  }

  /** Sends a request that has no transaction: the ACK of a 2xx. Puts our Via on top of it. */
  send(request: SipRequest, flow: Flow): void {
    this.#addVia(request, flow);
    sendOn(flow, formatMessage(request));
  }

  /** The INVITE transaction that a CANCEL is about (RFC 3261 §9.2); undefined when there is none: answer 481. */
  cancelled(cancel: ServerTransaction): Pick<ServerTransaction, 'onCancel'> | undefined {
    return this.#servers.cancelled(cancel);
  }

  /** Whether requests that were sent on a connection wait for their final response. */
  awaits(flow: Flow): boolean {
    return this.#clients.on(flow);
  }

  /** The transport calls it when a connection is gone: requests sent on it fail at once. */
  flowClosed(flow: Flow, error: Error = new Error(`Flow ${flow.id} is closed`)): void {
    this.#clients.flowClosed(flow, error);
    this.#servers.flowClosed(flow, error);
  }

  /** Ends every transaction and stops every timer. Messages that come later are dropped, requests fail. */
  close(): void {
    this.#closed = true;
    this.#clients.close();
    this.#servers.close();
  }

  #addVia(request: SipRequest, flow: Flow, mark?: string): string {
    const branch = mark === undefined ? this.#createBranch() : `${this.#createBranch()}.${mark}`;
    request.headers.prepend('Via', this.#via(flow, branch));
    return branch;
  }

  #via(flow: Flow, branch: string): string {
    // RFC 3581 §3: on UDP the response is to come back the way that the request went.
    const rport = flow.reliable ? '' : ';rport';
    return `SIP/2.0/${flow.transport} ${this.#sentBy(flow)};branch=${branch}${rport}`;
  }
}

const named = new Map<string, SipRequest>();

/** What a transaction asks of a request that was given as bytes. The same for all of a method. */
function namedOnly(method: string): SipRequest {
  let request = named.get(method);
  if (!request) {
    request = createRequest({ method, uri: '', headers: [] });
    named.set(method, request);
  }
  return request;
}

/** What a Via names us by on a flow (RFC 3261 §18.1.1). */
export function sentBy({ local: { address, port } }: Flow): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
