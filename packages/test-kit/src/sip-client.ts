import { randomBytes } from 'node:crypto';
import type { SipAnswer } from './sip-client-answer.ts';
import { openSipConnection, type SipConnection, type SipConnectionOptions } from './sip-client-connection.ts';
import { SipDialog } from './sip-client-dialog.ts';
import { type CredentialChoices, challengesOf, digestCredentials, type SipAccount } from './sip-client-digest.ts';
import { OutgoingCall } from './sip-client-outgoing-call.ts';
import { formatAnswer, type SipAnswerOptions, type SipReceived, transactionOf } from './sip-client-received.ts';
import type { SipRequestOptions } from './sip-client-request.ts';

export interface SipRegisterOptions extends SipRequestOptions {
  /** How the challenge is answered; the first algorithm offered unless `algorithm` names another. */
  credentials?: CredentialChoices & { algorithm?: string };
}

/** A plain SIP client on one socket: sends what it is told, right or wrong. */
export class SipClient {
  readonly connection: SipConnection;
  readonly account: SipAccount;
  callId = `${randomBytes(8).toString('hex')}@client.test`;
  cseq = 0;
  readonly tag = randomBytes(4).toString('hex');
  /** Of the URI of its Contact, e.g. `;transport=tcp`. */
  contactParameters = '';
  /** Over UDP: its server's host:port from now on. Requests are answered where they come from (RFC 3261 §18.2.2). */
  server: string | undefined;
  readonly #answered = new Map<string, string>();

  constructor(connection: SipConnection, account: SipAccount) {
    this.connection = connection;
    this.account = account;
  }

  static async open(account: SipAccount, options: SipConnectionOptions): Promise<SipClient> {
    return new SipClient(await openSipConnection(options), account);
  }

  get addressOfRecord(): string {
    return `sip:${this.account.user}@${this.account.domain}`;
  }

  /** A Contact value at this client's own socket. */
  contact(parameters = '', uriParameters = this.contactParameters): string {
    const { address, port } = this.connection.local;
    return `<sip:${this.account.user}@${address}:${port}${uriParameters}>${parameters}`;
  }

  /** The text of a request; its CSeq is used up. */
  request(options: SipRequestOptions = {}): string {
    this.cseq = options.cseq ?? this.cseq + 1;
    return this.format({ ...options, cseq: this.cseq });
  }

  /** As `request`, for the CSeq of a dialog of its own. */
  format(options: SipRequestOptions & { cseq: number }): string {
    const { method = 'REGISTER', body = '', cseq } = options;
    const { address, port } = this.connection.local;
    const via = `SIP/2.0/${this.connection.transport} ${address}:${port};branch=${options.branch ?? newBranch()};rport`;
    const lines = [
      `${method} ${options.uri ?? `sip:${this.account.domain}`} SIP/2.0`,
      `Via: ${options.via ?? via}`,
      'Max-Forwards: 70',
      `From: ${options.from ?? `<${this.addressOfRecord}>;tag=${this.tag}`}`,
      `To: ${options.to ?? `<${this.addressOfRecord}>`}`,
      `Call-ID: ${options.callId ?? this.callId}`,
      `CSeq: ${cseq} ${method}`,
      ...(options.contacts ?? []).map((contact) => `Contact: ${contact}`),
      ...(options.expires === undefined ? [] : [`Expires: ${options.expires}`]),
      ...(options.supported === undefined ? [] : [`Supported: ${options.supported}`]),
      ...(options.headers ?? []).map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return `${lines.join('\r\n')}\r\n\r\n${body}`;
  }

  /** Sends a request once and waits for its final answer; a challenge is an answer too. */
  async exchange(request: SipRequestOptions | string = {}): Promise<SipAnswer> {
    const text = typeof request === 'string' ? request : this.request(request);
    this.connection.send(text, this.server);
    return this.finalAnswer(text);
  }

  /** The final answer to a request that was sent. */
  finalAnswer(request: string, ms?: number): Promise<SipAnswer> {
    const [branch, sequence] = [field(request, /;branch=([^;,\s]+)/), field(request, /\r\nCSeq: *(.*)\r\n/)];
    return this.connection.next(
      (answer) =>
        answer.status >= 200 &&
        answer.header('CSeq') === sequence &&
        (branch === undefined || (answer.header('Via') ?? '').includes(branch)),
      ms,
    );
  }

  /** REGISTER as a softphone does it: sends it, and once more with credentials when it is challenged. */
  async register(options: SipRegisterOptions = {}): Promise<SipAnswer> {
    const { credentials, ...request } = options;
    const first = await this.exchange({ method: 'REGISTER', ...request });
    return first.status === 401 ? this.answerChallenge(first, request, credentials) : first;
  }

  /** Any request as a softphone sends it: once more with credentials when it is challenged. */
  async send(request: SipRequestOptions): Promise<SipAnswer> {
    const first = await this.exchange(request);
    return first.status === 401 || first.status === 407 ? this.answerChallenge(first, request) : first;
  }

  /** MESSAGE (RFC 3428) with a text. */
  message(to: string, body: string, options: SipRequestOptions = {}): Promise<SipAnswer> {
    const callId = options.callId ?? `${randomBytes(8).toString('hex')}@client.test`;
    const given = options.headers ?? [];
    const typed = given.some(([name]) => name === 'Content-Type');
    const headers = typed ? given : [['Content-Type', 'text/plain'] as const, ...given];
    return this.send({ method: 'MESSAGE', uri: to, to: `<${to}>`, body, ...options, callId, headers });
  }

  /** Sends an INVITE; what becomes of it is in the call. */
  invite(to: string, options: SipRequestOptions = {}): OutgoingCall {
    return new OutgoingCall(this, to, options);
  }

  /** The next request of that method; one that it has answered comes again is answered as before. */
  async receive(method?: string, ms?: number): Promise<SipReceived> {
    for (;;) {
      const request = await this.connection.nextRequest((one) => method === undefined || one.method === method, ms);
      const answered = this.#answered.get(transactionOf(request));
      if (answered === undefined || request.method === 'ACK') return request;
      this.connection.send(answered);
    }
  }

  /** Answers each request as `take` says, from now on; undefined leaves it without an answer. */
  answerEach(take: (request: SipReceived) => SipAnswerOptions | undefined): void {
    this.connection.onRequest((request) => {
      const before = this.#answered.get(transactionOf(request));
      if (before !== undefined && request.method !== 'ACK')
        return this.connection.send(before, this.#sourceOf(request));
      const options = take(request);
      if (options) this.answer(request, options.status ?? 200, options);
    });
  }

  /** Sends a response. */
  answer(request: SipReceived, status: number, options: Omit<SipAnswerOptions, 'status'> = {}): void {
    const text = formatAnswer(request, { tag: this.tag, ...options, status });
    if (status >= 200) this.#answered.set(transactionOf(request), text);
    this.connection.send(text, this.#sourceOf(request));
  }

  /** Answers an INVITE with 200 and a Contact; the ACK is still to come. */
  accept(invite: SipReceived, options: Omit<SipAnswerOptions, 'status'> & { contact?: string } = {}): SipDialog {
    const { contact = this.contact(), headers = [], ...rest } = options;
    this.answer(invite, 200, { ...rest, headers: [['Contact', contact], ...headers] });
    return SipDialog.ofCallee(this, invite, options.tag ?? this.tag);
  }

  /** Sends the request again with credentials, under the next CSeq. */
  answerChallenge(
    challenged: SipAnswer,
    request: SipRequestOptions = {},
    credentials: SipRegisterOptions['credentials'] = {},
  ): Promise<SipAnswer> {
    const name = challenged.status === 407 ? 'Proxy-Authorization' : 'Authorization';
    const authorization = [name, this.authorization(challenged, request, credentials)] as const;
    const cseq = request.cseq === undefined ? {} : { cseq: request.cseq + 1 };
    return this.exchange({ ...request, ...cseq, headers: [...(request.headers ?? []), authorization] });
  }

  authorization(
    challenged: SipAnswer,
    { method = 'REGISTER', uri = `sip:${this.account.domain}` }: Pick<SipRequestOptions, 'method' | 'uri'> = {},
    { algorithm, ...choices }: NonNullable<SipRegisterOptions['credentials']> = {},
  ): string {
    const challenges = challengesOf(challenged);
    const challenge = challenges.find((one) => algorithm === undefined || one.algorithm === algorithm);
    if (!challenge) throw new Error(`no challenge to answer in: ${challenged.text}`);
    return digestCredentials(challenge, this.account, { method, uri }, choices);
  }

  #sourceOf(request: SipReceived): string | undefined {
    return this.server && /^SIP\/2\.0\/UDP ([^;\s]+)/.exec(request.header('Via') ?? '')?.[1];
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

export function newBranch(): string {
  return `z9hG4bK${randomBytes(8).toString('hex')}`;
}

function field(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1];
}
