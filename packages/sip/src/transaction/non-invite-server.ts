import { formatMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import { type Flow, sendOn } from './flow.ts';
import type { Patience, ServerTransaction, ServerTransactionEnd, ServerTransactionHost } from './server-transaction.ts';
import type { StateTable } from './state-table.ts';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

interface Inputs {
  /** The request came again. */
  request: undefined;
  provisional: SipResponse;
  final: SipResponse;
  stateless: SipResponse;
  abandoned: undefined;
  closed: undefined;
}

// RFC 3261 figure 8. Its Completed state, where a retransmission gets the response again until timer J, is in
// completed-responses.ts: once a transaction is completed, this object takes no part any more.
export const NON_INVITE_SERVER: StateTable<State, Inputs, NonInviteServerTransaction> = {
  trying: {
    provisional: ['proceeding', send],
    final: ['completed', complete],
    stateless: ['terminated', answerStateless],
    abandoned: ['terminated', abandon],
    closed: ['terminated', close],
  },
  proceeding: {
    request: ['proceeding', resend],
    provisional: ['proceeding', send],
    final: ['completed', complete],
    stateless: ['terminated', answerStateless],
    abandoned: ['terminated', abandon],
    closed: ['terminated', close],
  },
  completed: {},
  terminated: {},
};

export class NonInviteServerTransaction implements ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly key: number;
  readonly host: ServerTransactionHost;
  state: State = 'trying';
  onEnd: ((end: ServerTransactionEnd) => void) | undefined = undefined;
  onTransportError: ((error: Error) => void) | undefined = undefined;
  onCancel: (() => void) | undefined = undefined;
  /** The latest provisional response. */
  latest: Buffer | undefined = undefined;
  readonly #born: number;

  constructor(request: SipRequest, flow: Flow, key: number, host: ServerTransactionHost) {
    this.request = request;
    this.flow = flow;
    this.key = key;
    this.host = host;
    this.#born = host.generation;
  }

  respond(response: SipResponse): void {
    this.input(response.status < 200 ? 'provisional' : 'final', response);
  }

  respondStateless(response: SipResponse): void {
    this.input('stateless', response);
  }

  receiveAgain(): void {
    this.input('request', undefined);
  }

  sweep({ nonInvite }: Patience): void {
    // Nobody waits for an answer after timer F of the client, nor may one be sent (RFC 4320 §4.2).
    if (this.host.generation - this.#born > nonInvite) this.input('abandoned', undefined);
  }

  close(): void {
    this.input('closed', undefined);
  }

  input<I extends keyof Inputs>(input: I, argument: Inputs[I]): void {
    const arrow = NON_INVITE_SERVER[this.state][input];
    if (!arrow) return;
    this.state = arrow[0];
    arrow[1](this, argument);
  }

  transmit(bytes: Buffer): void {
    const error = sendOn(this.flow, bytes);
    if (error) this.onTransportError?.(error);
  }

  end(end: ServerTransactionEnd): void {
    this.host.ended(this);
    this.onEnd?.(end);
  }
}

function send(transaction: NonInviteServerTransaction, response: SipResponse): void {
  transaction.latest = formatMessage(response);
  transaction.transmit(transaction.latest);
}

function resend(transaction: NonInviteServerTransaction): void {
  if (transaction.latest) transaction.transmit(transaction.latest);
}

function complete(transaction: NonInviteServerTransaction, response: SipResponse): void {
  const bytes = formatMessage(response);
  // Timer J is 0 on a reliable transport.
  if (!transaction.flow.reliable) transaction.host.keep(transaction.key, bytes);
  transaction.transmit(bytes);
  transaction.end('completed');
}

function answerStateless(transaction: NonInviteServerTransaction, response: SipResponse): void {
  transaction.transmit(formatMessage(response));
  transaction.end('stateless');
}

function abandon(transaction: NonInviteServerTransaction): void {
  transaction.end('abandoned');
}

function close(transaction: NonInviteServerTransaction): void {
  transaction.end('closed');
}
