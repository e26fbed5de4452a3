import { formatMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import type { ClientTransaction, ClientTransactionHost, ClientTransactionUser } from './client-transaction.ts';
import type { Flow } from './flow.ts';
import { RunningTimers } from './running-timers.ts';
import { createAck } from './same-branch-request.ts';
import type { StateTable } from './state-table.ts';

type State = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated';

interface Inputs {
  provisional: SipResponse;
  success: SipResponse;
  failure: SipResponse;
  /** The user wants no answer any more. */
  cancel: undefined;
  timerA: undefined;
  timerB: undefined;
  timerC: undefined;
  timerD: undefined;
  transportError: Error;
}

// RFC 3261 figure 5, as replaced by RFC 6026 §7.2; cancel and timer C after §9.1 and §16.8.
// Its Accepted state, where each further 2xx goes to the user until timer M, is in accepted-invites.ts: once a transaction is
// accepted, this object takes no part any more.
// Timer B runs once more after a CANCEL, since a server of RFC 2543 may never answer what was cancelled (§9.1).
export const INVITE_CLIENT: StateTable<State, Inputs, InviteClientTransaction> = {
  calling: {
    provisional: ['proceeding', proceed],
    success: ['accepted', accept],
    failure: ['completed', acknowledge],
    cancel: ['calling', cancelLater],
    timerA: ['calling', resend],
    timerB: ['terminated', timeOut],
    transportError: ['terminated', fail],
  },
  proceeding: {
    provisional: ['proceeding', proceed],
    success: ['accepted', accept],
    failure: ['completed', acknowledge],
    cancel: ['proceeding', cancelNow],
    timerB: ['terminated', timeOut],
    timerC: ['proceeding', cancelNow],
    transportError: ['terminated', fail],
  },
  accepted: {},
  completed: {
    failure: ['completed', resendAck],
    timerD: ['terminated', end],
    // The user has its answer: that the ACK was lost is the server's trouble.
    transportError: ['terminated', end],
  },
  terminated: {},
};

export class InviteClientTransaction implements ClientTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly branch: string;
  readonly method: string;
  readonly retransmits: boolean;
  /** Of ByBranch. */
  next: this | undefined = undefined;
  /** Of ByFlow. */
  newer: this | undefined = undefined;
  older: this | undefined = undefined;
  readonly user: ClientTransactionUser;
  readonly host: ClientTransactionHost;
  readonly running: RunningTimers<'A' | 'B' | 'C' | 'D'>;
  state: State = 'calling';
  /** `wanted` before a provisional response, `sent` after it. */
  cancellation: 'wanted' | 'sent' | undefined = undefined;
  ack: Buffer | undefined = undefined;
  readonly #bytes: Buffer;
  /** The interval of timer A. */
  #interval: number;

  constructor(
    request: SipRequest,
    flow: Flow,
    branch: string,
    user: ClientTransactionUser,
    host: ClientTransactionHost,
    retransmits: boolean = !flow.reliable,
  ) {
    this.request = request;
    this.flow = flow;
    this.branch = branch;
    this.method = request.method;
    this.retransmits = retransmits;
    this.user = user;
    this.host = host;
    this.running = new RunningTimers(host.clock);
    this.#bytes = formatMessage(request);
    this.#interval = host.timers.A;
  }

  start(): void {
    this.startB();
    if (this.retransmits) this.#startA();
    const error = this.host.send(this.flow, this.#bytes);
    // Not before the user has the transaction in its hands.
    if (error) queueMicrotask(() => this.input('transportError', error));
  }

  receive(response: SipResponse): void {
    const { status } = response;
    this.input(status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure', response);
  }

  flowClosed(error: Error): void {
    this.input('transportError', error);
  }

  cancel(): void {
    this.input('cancel', undefined);
  }

  input<I extends keyof Inputs>(input: I, argument: Inputs[I]): void {
    const arrow = INVITE_CLIENT[this.state][input];
    if (!arrow) return;
    this.state = arrow[0];
    arrow[1](this, argument);
  }

  resend(): void {
    this.#interval *= 2;
    this.#startA();
    this.transmit(this.#bytes);
  }

  transmit(bytes: Buffer): void {
    const error = this.host.send(this.flow, bytes);
    if (error) this.input('transportError', error);
  }

  startB(): void {
    this.running.start('B', this.host.timers.B, () => this.input('timerB', undefined));
  }

  end(): void {
    this.running.stopAll();
    this.host.ended(this);
  }

  #startA(): void {
    this.running.start('A', this.#interval, () => this.input('timerA', undefined));
  }
}

function proceed(transaction: InviteClientTransaction, response: SipResponse): void {
  const { running, host, cancellation } = transaction;
  if (cancellation === 'wanted') cancelNow(transaction);
  else if (cancellation === undefined) {
    running.stopAll();
    running.start('C', host.timers.C, () => transaction.input('timerC', undefined));
  }
  transaction.user.response(response);
}

function accept(transaction: InviteClientTransaction, response: SipResponse): void {
  const { running, host, user } = transaction;
  running.stopAll();
  user.response(response);
  host.accepted(transaction, user.accepted?.() ?? ((later) => user.response(later)));
}

function acknowledge(transaction: InviteClientTransaction, response: SipResponse): void {
  const { running, host, retransmits, user } = transaction;
  running.stopAll();
  transaction.ack = formatMessage(createAck(transaction.request, response));
  transaction.transmit(transaction.ack);
  // Timer D is 0 on a reliable transport.
  if (!retransmits) transaction.input('timerD', undefined);
  else if (transaction.state === 'completed') {
    running.start('D', host.timers.D, () => transaction.input('timerD', undefined));
  }
  user.response(response);
}

function resendAck(transaction: InviteClientTransaction): void {
  if (transaction.ack) transaction.transmit(transaction.ack);
}

function cancelLater(transaction: InviteClientTransaction): void {
  transaction.cancellation = 'wanted';
}

function cancelNow(transaction: InviteClientTransaction): void {
  if (transaction.cancellation === 'sent') return;
  transaction.cancellation = 'sent';
  transaction.running.stopAll();
  transaction.startB();
  transaction.host.sendCancel(transaction);
}

function resend(transaction: InviteClientTransaction): void {
  transaction.resend();
}

function timeOut(transaction: InviteClientTransaction): void {
  transaction.end();
  transaction.user.timeout();
}

function fail(transaction: InviteClientTransaction, error: Error): void {
  transaction.end();
  transaction.user.transportError(error);
}

function end(transaction: InviteClientTransaction): void {
  transaction.end();
}
