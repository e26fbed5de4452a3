import { randomBytes } from 'node:crypto';
import type { SipClient } from './sip-client.ts';
import type { SipAnswer } from './sip-client-answer.ts';
import { SipDialog } from './sip-client-dialog.ts';
import { readFields } from './sip-client-fields.ts';
import type { SipRequestOptions } from './sip-client-request.ts';

/** An INVITE that was sent, and what comes back. A challenge is answered on the way. */
export class OutgoingCall {
  readonly #client: SipClient;
  readonly #options: SipRequestOptions;
  #request: string;
  #challenged = false;

  constructor(client: SipClient, to: string, options: SipRequestOptions) {
    this.#client = client;
    this.#options = {
      ...{ method: 'INVITE', uri: to, to: `<${to}>`, contacts: [client.contact()] },
      callId: `${randomBytes(8).toString('hex')}@client.test`,
      ...options,
    };
    this.#request = client.request(this.#options);
    client.connection.send(this.#request);
    void this.#answerChallenge();
  }

  /** The INVITE that was sent last. */
  get request(): string {
    return this.#request;
  }

  /** The next provisional response of that status, or of any but 100. */
  provisional(status?: number, ms?: number): Promise<SipAnswer> {
    return this.#next(
      (one) => one.status < 200 && (status === undefined ? one.status > 100 : one.status === status),
      ms,
    );
  }

  /** The final answer; one that refuses is acknowledged. */
  async final(ms?: number): Promise<SipAnswer> {
    const answer = await this.#next((one) => one.status >= 200, ms);
    if (answer.status >= 300) this.#acknowledge(answer);
    return answer;
  }

  /** Waits for a 2xx and acknowledges it. @throws when the call is refused */
  async answered(ms?: number): Promise<SipDialog> {
    const answer = await this.final(ms);
    if (answer.status >= 300) throw new Error(`the call was refused: ${answer.text}`);
    const dialog = SipDialog.ofCaller(this.#client, this.#request, answer);
    dialog.ack();
    return dialog;
  }

  /** Sends CANCEL. @returns its answer; that to the INVITE is `final` */
  async cancel(): Promise<SipAnswer> {
    const cancel = this.#sameBranch('CANCEL', readFields(this.#request).header('To') ?? '');
    this.#client.connection.send(cancel);
    return this.#client.finalAnswer(cancel);
  }

  #next(matches: (answer: SipAnswer) => boolean, ms?: number): Promise<SipAnswer> {
    return this.#client.connection.next((one) => {
      const forUs = this.#isAnswer(one);
      return forUs && matches(one) && (this.#challenged || !isChallenge(one));
    }, ms);
  }

  #isAnswer(answer: SipAnswer): boolean {
    const sent = readFields(this.#request);
    return answer.header('CSeq') === sent.header('CSeq') && branchOf(answer.text) === branchOf(this.#request);
  }

  /** Once, as soon as it comes: whoever waits for the call at the other end need not read here. */
  async #answerChallenge(): Promise<void> {
    const { connection } = this.#client;
    const answer = await connection.next((one) => isChallenge(one) && this.#isAnswer(one)).catch(() => undefined);
    if (answer === undefined) return;
    this.#challenged = true;
    this.#acknowledge(answer);
    const name = answer.status === 407 ? 'Proxy-Authorization' : 'Authorization';
    const credentials = this.#client.authorization(answer, this.#options);
    const headers = [...(this.#options.headers ?? []), [name, credentials] as const];
    this.#request = this.#client.request({ ...this.#options, headers });
    connection.send(this.#request);
  }

  /** RFC 3261 §17.1.1.3: in the INVITE's own transaction. */
  #acknowledge(answer: SipAnswer): void {
    this.#client.connection.send(this.#sameBranch('ACK', answer.header('To') ?? ''));
  }

  #sameBranch(method: string, to: string): string {
    const { header, headers } = readFields(this.#request);
    return this.#client.format({
      method,
      to,
      uri: this.#options.uri ?? '',
      via: header('Via') ?? '',
      from: header('From') ?? '',
      callId: header('Call-ID') ?? '',
      cseq: Number.parseInt(header('CSeq') ?? '', 10),
      headers: headers('Route').map((value) => ['Route', value] as const),
    });
  }
}

function isChallenge({ status }: SipAnswer): boolean {
  return status === 401 || status === 407;
}

function branchOf(text: string): string | undefined {
  return /;branch=([^;,\s]+)/.exec(readFields(text).header('Via') ?? '')?.[1];
}
