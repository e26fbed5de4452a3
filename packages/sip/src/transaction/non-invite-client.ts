import { formatMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import type { ClientTransaction, ClientTransactionHost, ClientTransactionUser } from './client-transaction.ts';
import type { Flow } from './flow.ts';
import { RunningTimers } from './running-timers.ts';
import type { StateTable } from './state-table.ts';

type State = 'trying' | 'proceeding' | 'terminated';

interface Inputs {
  provisional: SipResponse;
  final: SipResponse;
  timerE: undefined;
  timerF: undefined;
  transportError: Error;
}

// RFC 3261 figure 6, without its Completed state: all that happens there until timer K is that responses that come again are
// dropped, and so are those that belong to no transaction. Objects that live for 5 s cost the collector a tenth of all CPU.
export const NON_INVITE_CLIENT: StateTable<State, Inputs, NonInviteClientTransaction> = {
  trying: {
    provisional: ['proceeding', pass],
    final: ['terminated', complete],
    timerE: ['trying', resend],
    timerF: ['terminated', timeOut],
    transportError: ['terminated', fail],
  },
  proceeding: {
    provisional: ['proceeding', pass],
    final: ['terminated', complete],
    timerE: ['proceeding', resend],
    timerF: ['terminated', timeOut],
    transportError: ['terminated', fail],
  },
  terminated: {},
};

const NOTHING = Buffer.alloc(0);

export class NonInviteClientTransaction implements ClientTransaction {
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
  readonly running: RunningTimers<'E' | 'F'>;
  state: State = 'trying';
  #bytes: Buffer;
  /** The interval of timer E. */
  #interval: number;

  constructor(
    request: SipRequest,
    flow: Flow,
    branch: string,
    user: ClientTransactionUser,
    host: ClientTransactionHost,
    retransmits: boolean = !flow.reliable,
    bytes: Buffer = formatMessage(request),
  ) {
    this.request = request;
    this.flow = flow;
    this.branch = branch;
    this.method = request.method;
    this.retransmits = retransmits;
    this.user = user;
    this.host = host;
    this.running = new RunningTimers(host.clock);
    this.#bytes = bytes;
    this.#interval = host.timers.E;
  }

  start(): void {
    this.running.start('F', this.host.timers.F, () => this.input('timerF', undefined));
    if (this.retransmits) this.#startE();
    const error = this.host.send(this.flow, this.#bytes);
    // It is sent once: a large one is not held for as long as its answer may take.
    if (!this.retransmits) this.#bytes = NOTHING;
    // Not before the user has the transaction in its hands.
    if (error) queueMicrotask(() => this.input('transportError', error));
  }

  receive(response: SipResponse): void {
    this.input(response.status < 200 ? 'provisional' : 'final', response);
  }

  flowClosed(error: Error): void {
    this.input('transportError', error);
  }

  cancel(): void {
    // RFC 3261 §9.1: only an INVITE is cancelled.
  }

  input<I extends keyof Inputs>(input: I, argument: Inputs[I]): void {
    const arrow = NON_INVITE_CLIENT[this.state][input];
    if (!arrow) return;
    this.state = arrow[0];
    arrow[1](this, argument);
  }

  resend(): void {
    // RFC 3261 §17.1.2.2: doubled up to T2; T2 at once when there was a provisional response.
    const { T2 } = this.host.timers;
    this.#interval = this.state === 'proceeding' ? T2 : Math.min(this.#interval * 2, T2);
    this.#startE();
    const error = this.host.send(this.flow, this.#bytes);
    if (error) this.input('transportError', error);
  }

  end(): void {
    this.running.stopAll();
    this.host.ended(this);
  }

  #startE(): void {
    this.running.start('E', this.#interval, () => this.input('timerE', undefined));
  }
}

function pass(transaction: NonInviteClientTransaction, response: SipResponse): void {
  transaction.user.response(response);
}

function complete(transaction: NonInviteClientTransaction, response: SipResponse): void {
  transaction.end();
  transaction.user.response(response);
}

function resend(transaction: NonInviteClientTransaction): void {
  transaction.resend();
}

function timeOut(transaction: NonInviteClientTransaction): void {
  transaction.end();
  transaction.user.timeout();
}

function fail(transaction: NonInviteClientTransaction, error: Error): void {
  transaction.end();
  transaction.user.transportError(error);
}
