import { createResponse, formatMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import { type Flow, sendOn } from './flow.ts';
import { RunningTimers } from './running-timers.ts';
import type { Patience, ServerTransaction, ServerTransactionEnd, ServerTransactionHost } from './server-transaction.ts';
import type { StateTable } from './state-table.ts';

type State = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';

interface Inputs {
  /** The INVITE came again. */
  invite: undefined;
  ack: SipRequest;
  provisional: SipResponse;
  success: SipResponse;
  failure: SipResponse;
  stateless: SipResponse;
  /** 200 ms have passed (RFC 3261 §17.2.1). */
  trying: undefined;
  timerG: undefined;
  timerH: undefined;
  timerI: undefined;
  transportError: Error;
  abandoned: undefined;
  closed: undefined;
}

// RFC 3261 figure 7, as replaced by RFC 6026 §7.1. Its Accepted state, where an INVITE that comes again is absorbed and each ACK
// goes to the user until timer L, is in accepted-invites.ts: once a transaction is accepted, this object only sends.
export const INVITE_SERVER: StateTable<State, Inputs, InviteServerTransaction> = {
  proceeding: {
    invite: ['proceeding', resend],
    provisional: ['proceeding', send],
    success: ['accepted', accept],
    failure: ['completed', reject],
    stateless: ['terminated', answerStateless],
    trying: ['proceeding', sendTrying],
    transportError: ['proceeding', informUser],
    abandoned: ['terminated', abandon],
    closed: ['terminated', close],
  },
  accepted: {
    success: ['accepted', send],
    transportError: ['accepted', informUser],
  },
  completed: {
    invite: ['completed', resend],
    ack: ['confirmed', confirm],
    timerG: ['completed', resendLater],
    timerH: ['terminated', giveUpOnAck],
    transportError: ['completed', informUser],
    closed: ['terminated', close],
  },
  confirmed: {
    timerI: ['terminated', finish],
    closed: ['terminated', close],
  },
  terminated: {},
};

export class InviteServerTransaction implements ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly key: number;
  readonly host: ServerTransactionHost;
  /** Of ByFlow. */
  newer: this | undefined = undefined;
  older: this | undefined = undefined;
  readonly running: RunningTimers<'trying' | 'G' | 'H' | 'I'>;
  state: State = 'proceeding';
  onEnd: ((end: ServerTransactionEnd) => void) | undefined = undefined;
  onTransportError: ((error: Error) => void) | undefined = undefined;
  onCancel: (() => void) | undefined = undefined;
  /** The latest response, which a retransmitted INVITE gets again. */
  latest: Buffer | undefined = undefined;
  /** The same before formatting: an ACK of RFC 2543 is known by its To tag. */
  latestResponse: SipResponse | undefined = undefined;
  /** The interval of timer G. */
  interval = 0;
  /** When the user was last heard of. */
  #heard: number;

  constructor(request: SipRequest, flow: Flow, key: number, host: ServerTransactionHost) {
    this.request = request;
    this.flow = flow;
    this.key = key;
    this.host = host;
    this.#heard = host.generation;
    this.running = new RunningTimers(host.clock);
  }

  /** Call it when the user has seen the request and may have answered. */
  startTrying(): void {
    if (this.state !== 'proceeding' || this.latest) return;
    this.running.start('trying', this.host.timers.trying, () => this.input('trying', undefined));
  }

  respond(response: SipResponse): void {
    this.#heard = this.host.generation;
    const { status } = response;
    this.input(status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure', response);
  }

  respondStateless(response: SipResponse): void {
    this.input('stateless', response);
  }

  receiveAgain(): void {
    this.input('invite', undefined);
  }

  receiveAck(ack: SipRequest): void {
    this.input('ack', ack);
  }

  sweep({ invite }: Patience): void {
    if (this.host.generation - this.#heard > invite) this.input('abandoned', undefined);
  }

  close(): void {
    this.input('closed', undefined);
  }

  input<I extends keyof Inputs>(input: I, argument: Inputs[I]): void {
    const arrow = INVITE_SERVER[this.state][input];
    if (!arrow) return;
    this.state = arrow[0];
    arrow[1](this, argument);
  }

  transmit(bytes: Buffer): void {
    const error = sendOn(this.flow, bytes);
    if (error) this.input('transportError', error);
  }

  end(end: ServerTransactionEnd): void {
    this.running.stopAll();
    this.host.ended(this);
    this.onEnd?.(end);
  }
}

function send(transaction: InviteServerTransaction, response: SipResponse): void {
  transaction.running.stop('trying');
  transaction.latestResponse = response;
  transaction.latest = formatMessage(response);
  transaction.transmit(transaction.latest);
}

function sendTrying(transaction: InviteServerTransaction): void {
  send(transaction, createResponse(transaction.request, 100));
}

function resend(transaction: InviteServerTransaction): void {
  if (transaction.latest) transaction.transmit(transaction.latest);
}

function accept(transaction: InviteServerTransaction, response: SipResponse): void {
  send(transaction, response);
  transaction.host.accepted(transaction);
  transaction.onEnd?.('completed');
}

function reject(transaction: InviteServerTransaction, response: SipResponse): void {
  const { timers } = transaction.host;
  if (!transaction.flow.reliable) {
    transaction.interval = timers.G;
    startG(transaction);
  }
  transaction.running.start('H', timers.H, () => transaction.input('timerH', undefined));
  send(transaction, response);
}

function resendLater(transaction: InviteServerTransaction): void {
  transaction.interval = Math.min(transaction.interval * 2, transaction.host.timers.T2);
  startG(transaction);
  resend(transaction);
}

function startG(transaction: InviteServerTransaction): void {
  transaction.running.start('G', transaction.interval, () => transaction.input('timerG', undefined));
}

function confirm(transaction: InviteServerTransaction): void {
  transaction.running.stopAll();
  // Timer I is 0 on a reliable transport.
  if (transaction.flow.reliable) transaction.input('timerI', undefined);
  else transaction.running.start('I', transaction.host.timers.I, () => transaction.input('timerI', undefined));
}

function answerStateless(transaction: InviteServerTransaction, response: SipResponse): void {
  transaction.transmit(formatMessage(response));
  transaction.end('stateless');
}

function informUser(transaction: InviteServerTransaction, error: Error): void {
  transaction.onTransportError?.(error);
}

function finish(transaction: InviteServerTransaction): void {
  transaction.end('completed');
}

function giveUpOnAck(transaction: InviteServerTransaction): void {
  transaction.end('unacknowledged');
}

function abandon(transaction: InviteServerTransaction): void {
  transaction.end('abandoned');
}

function close(transaction: InviteServerTransaction): void {
  transaction.end('closed');
}
