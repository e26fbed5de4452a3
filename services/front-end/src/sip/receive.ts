import type { Log } from '@rollcall/process';
import {
  checkRequest,
  type Flow,
  formatMessage,
  type ListenerEvents,
  type ParseOptions,
  parseMessage,
  reasonPhrase,
  responseFlow,
  type SipMessage,
  SipParseError,
  type SipRequest,
  stampReceived,
  type TransactionLayer,
  topVia,
} from '@rollcall/sip';
import type { OpenFlows } from '../drain.ts';
import type { FrontEndMetrics } from '../metrics.ts';
import { answer } from './answer.ts';

export interface ReceiverOptions {
  transactions: TransactionLayer;
  /** Told which connections there are. */
  flows: OpenFlows;
  metrics: FrontEndMetrics;
  log: Log;
  /** Takes what only passes through, from one front end to a flow of this one and back; false for anything else. */
  relay(message: SipMessage, flow: Flow): boolean;
  /** A connection is gone. */
  onClosed?(flow: Flow): void;
}

const STREAM: ParseOptions = { stream: true };
const WHOLE: ParseOptions = { whole: true };
const FRAMING: Readonly<Record<Flow['transport'], ParseOptions>> = {
  UDP: {},
  TCP: STREAM,
  TLS: STREAM,
  WS: WHOLE,
  WSS: WHOLE,
};

/** Takes what the listeners read, from bytes to the transaction layer. Whatever comes, nothing is thrown. */
export class Receiver implements ListenerEvents {
  readonly #transactions: TransactionLayer;
  readonly #flows: OpenFlows;
  readonly #metrics: FrontEndMetrics;
  readonly #log: Log;
  readonly #relay: ReceiverOptions['relay'];
  readonly #onClosed: ReceiverOptions['onClosed'];

  constructor({ transactions, flows, metrics, log, relay, onClosed }: ReceiverOptions) {
    this.#transactions = transactions;
    this.#flows = flows;
    this.#metrics = metrics;
    this.#log = log;
    this.#relay = relay;
    this.#onClosed = onClosed;
  }

  message(bytes: Buffer, flow: Flow): void {
    try {
      const message = parseMessage(bytes, FRAMING[flow.transport]);
      if (this.#relay(message, flow)) return;
      if (message.kind === 'request') this.#request(message, flow);
      else this.#transactions.receive(message, flow);
    } catch (error) {
      this.#refuse(error, flow);
    }
  }

  /** A stream that broke the framing is told why before it is closed. */
  broken({ head, status }: { head: Buffer; status: number }, flow: Flow): void {
    this.#metrics.dropped(status === 513 ? 'too-large' : 'bad-framing');
    try {
      parseMessage(head, { stream: true });
    } catch (error) {
      const partial = error instanceof SipParseError ? error.partial : undefined;
      this.#sendRefusal(partial, flow, status, reasonPhrase(status));
    }
  }

  opened(flow: Flow): void {
    this.#flows.opened(flow);
    const refused = flow.certificate?.refused;
    if (refused === undefined) return;
    // It may still have a password.
    this.#metrics.authentication('failed');
    this.#log.warn({ source: flow.remote.address, reason: refused }, 'a client certificate was refused');
  }

  closed(flow: Flow): void {
    this.#flows.closed(flow);
    this.#transactions.flowClosed(flow);
    this.#onClosed?.(flow);
  }

  dropped(reason: string): void {
    this.#metrics.dropped(reason);
  }

  #request(request: SipRequest, flow: Flow): void {
    this.#metrics.received(request.method, flow.transport);
    // RFC 3261 §18.2.1, RFC 3581 §4: note where it came from, and answer there.
    stampReceived(request, flow.remote);
    const back = responseFlow(flow, topVia(request));
    const wrong = checkRequest(request);
    if (wrong) {
      this.#metrics.dropped('malformed');
      this.#sendRefusal(request, back, wrong.status, wrong.reason);
    } else this.#transactions.receive(request, back);
  }

  #refuse(error: unknown, flow: Flow): void {
    if (!(error instanceof SipParseError)) {
      this.#log.error({ err: error, source: flow.remote }, 'a message could not be handled');
      this.#metrics.dropped('failed');
      return;
    }
    this.#metrics.dropped('malformed');
    this.#sendRefusal(error.partial, flow, error.status, error.reason);
  }

  /** RFC 3261 §16.3 step 1: a request that can be answered is; nobody answers an ACK or a response. */
  #sendRefusal(message: SipMessage | undefined, flow: Flow, status: number, reason: string): void {
    if (message?.kind !== 'request' || message.method === 'ACK' || !message.headers.has('Via')) return;
    try {
      flow.send(formatMessage(answer(message, status, [], reason)));
    } catch {
      // Not even the header fields that an answer repeats can be read: drop it.
    }
  }
}
