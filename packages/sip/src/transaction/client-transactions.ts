import type { SipRequest, SipResponse } from '../message/index.ts';
import { AcceptedInvites } from './accepted-invites.ts';
import { ByBranch } from './by-branch.ts';
import { ByFlow } from './by-flow.ts';
import type { ClientTransaction, ClientTransactionHost, ClientTransactionUser } from './client-transaction.ts';
import type { Clock } from './clock.ts';
import { type Flow, sendOn } from './flow.ts';
import { InviteClientTransaction } from './invite-client.ts';
import { hashKey } from './key-hash.ts';
import { clientKey } from './matching.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { createCancel } from './same-branch-request.ts';
import type { Timers } from './timers.ts';

/** Nobody waits for the answer to a CANCEL: the INVITE's own final response tells (RFC 3261 §9.1). */
const NOBODY: ClientTransactionUser = { response() {}, timeout() {}, transportError() {} };

/** The client transactions of a layer, by branch and method. */
export class ClientTransactions implements ClientTransactionHost {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly #transactions = new ByBranch<InviteClientTransaction | NonInviteClientTransaction>();
  readonly #byFlow = new ByFlow<InviteClientTransaction | NonInviteClientTransaction>();
  /** Who takes each further 2xx, by branch. */
  readonly #accepted: AcceptedInvites<(response: SipResponse) => void>;
  #closed: Error | undefined;

  constructor(clock: Clock, timers: Timers) {
    this.clock = clock;
    this.timers = timers;
    this.#accepted = new AcceptedInvites(clock, timers.M);
  }

  get size(): number {
    return this.#transactions.size + this.#accepted.size;
  }

  /** Sends a request that has its Via, with this branch, on top. */
  start(
    request: SipRequest,
    flow: Flow,
    branch: string,
    user: ClientTransactionUser,
    retransmits?: boolean,
  ): ClientTransaction {
    const Transaction = request.method === 'INVITE' ? InviteClientTransaction : NonInviteClientTransaction;
    const transaction = new Transaction(request, flow, branch, user, this, retransmits);
    this.#transactions.add(transaction);
    this.#byFlow.add(transaction);
    transaction.start();
    return transaction;
  }

  /** Sends `bytes`, a request that is no INVITE; `request` has its method, and nothing else that is asked for. */
  startBytes(request: SipRequest, bytes: Buffer, flow: Flow, branch: string, user: ClientTransactionUser): void {
    const transaction = new NonInviteClientTransaction(request, flow, branch, user, this, !flow.reliable, bytes);
    this.#transactions.add(transaction);
    this.#byFlow.add(transaction);
    transaction.start();
  }

  /** False when the response belongs to no transaction. */
  receive(response: SipResponse): boolean {
    const key = clientKey(response);
    const transaction = key && this.#transactions.get(key.branch, key.method);
    if (transaction) transaction.receive(response);
    return transaction !== undefined || (key?.method === 'INVITE' && this.#receiveAgain(response, key.branch));
  }

  #receiveAgain(response: SipResponse, branch: string): boolean {
    const later = this.#accepted.get(hashKey(branch));
    if (response.status >= 200 && response.status < 300) later?.(response);
    return later !== undefined;
  }

  send(flow: Flow, bytes: Buffer): Error | undefined {
    return this.#closed ?? sendOn(flow, bytes);
  }

  sendCancel(invite: ClientTransaction): void {
    this.start(createCancel(invite.request), invite.flow, invite.branch, NOBODY, invite.retransmits);
  }

  accepted(invite: InviteClientTransaction, later: (response: SipResponse) => void): void {
    this.ended(invite);
    this.#accepted.add(hashKey(invite.branch), later);
  }

  ended(transaction: InviteClientTransaction | NonInviteClientTransaction): void {
    this.#transactions.delete(transaction);
    this.#byFlow.remove(transaction);
  }

  /** Whether there are any on a connection. */
  on(flow: Flow): boolean {
    return this.#byFlow.has(flow);
  }

  flowClosed(flow: Flow, error: Error): void {
    for (const transaction of this.#byFlow.take(flow)) transaction.flowClosed(error);
  }

  close(): void {
    this.#closed = new Error('The transaction layer is closed');
    for (const transaction of this.#transactions.values()) transaction.flowClosed(this.#closed);
    this.#accepted.clear();
  }
}
