import type { SipClient } from './sip-client.ts';
import type { SipAnswer } from './sip-client-answer.ts';
import { readFields, uriOf, valuesOf } from './sip-client-fields.ts';
import type { SipReceived } from './sip-client-received.ts';
import type { SipRequestOptions } from './sip-client-request.ts';

interface DialogState {
  callId: string;
  /** From and To of requests that this side sends, tags included. */
  local: string;
  remote: string;
  target: string;
  /** Route values, in the order in which they are sent. */
  routes: string[];
  cseq: number;
}

/** One side of a dialog (RFC 3261 §12). */
export class SipDialog implements DialogState {
  /** Another one when the phone has connected anew. */
  client: SipClient;
  readonly callId: string;
  readonly local: string;
  readonly remote: string;
  target: string;
  readonly routes: string[];
  cseq: number;

  constructor(client: SipClient, state: DialogState) {
    this.client = client;
    this.callId = state.callId;
    this.local = state.local;
    this.remote = state.remote;
    this.target = state.target;
    this.routes = state.routes;
    this.cseq = state.cseq;
  }

  /** The caller's side. @param answer a 2xx, or a provisional response with a tag */
  static ofCaller(client: SipClient, request: string, answer: SipAnswer): SipDialog {
    const { header } = readFields(request);
    return new SipDialog(client, {
      callId: header('Call-ID') ?? '',
      local: header('From') ?? '',
      remote: answer.header('To') ?? '',
      target: uriOf(answer.header('Contact') ?? ''),
      routes: valuesOf(answer.headers('Record-Route')).reverse(),
      cseq: Number.parseInt(header('CSeq') ?? '', 10),
    });
  }

  /** The callee's side. */
  static ofCallee(client: SipClient, request: SipReceived, tag: string): SipDialog {
    return new SipDialog(client, {
      callId: request.header('Call-ID') ?? '',
      local: `${request.header('To')};tag=${tag}`,
      remote: request.header('From') ?? '',
      target: uriOf(request.header('Contact') ?? ''),
      routes: valuesOf(request.headers('Record-Route')),
      cseq: 0,
    });
  }

  /** The text of a request in this dialog; its CSeq is used up, but by ACK and CANCEL. */
  request(method: string, options: SipRequestOptions = {}): string {
    if (method !== 'ACK') this.cseq += 1;
    const routes = this.routes.map((value) => ['Route', value] as const);
    return this.client.format({
      method,
      uri: this.target,
      from: this.local,
      to: this.remote,
      callId: this.callId,
      cseq: this.cseq,
      ...options,
      headers: [...routes, ...(options.headers ?? [])],
    });
  }

  /** Sends a request and waits for its final answer. */
  async exchange(method: string, options: SipRequestOptions = {}, ms?: number): Promise<SipAnswer> {
    const text = this.request(method, options);
    this.client.connection.send(text);
    return this.client.finalAnswer(text, ms);
  }

  /** ACK to the 2xx of the last INVITE. */
  ack(options: SipRequestOptions = {}): void {
    this.client.connection.send(this.request('ACK', options));
  }

  /** A re-INVITE with its ACK. @returns its final answer */
  async reinvite(options: SipRequestOptions = {}): Promise<SipAnswer> {
    const contacts = options.contacts ?? [this.client.contact()];
    const answer = await this.exchange('INVITE', { ...options, contacts });
    const contact = answer.header('Contact');
    if (answer.status < 300 && contact !== undefined) this.target = uriOf(contact);
    if (answer.status < 300) this.ack();
    return answer;
  }
}
