import { randomBytes } from 'node:crypto';
import type { SipAnswer } from './sip-client-answer.ts';
import { openSipConnection, type SipConnection, type SipConnectionOptions } from './sip-client-connection.ts';
import { type CredentialChoices, challengesOf, digestCredentials, type SipAccount } from './sip-client-digest.ts';

/** What a request says; whatever is left out is what an ordinary softphone would send. */
export interface SipRequestOptions {
  method?: string;
  uri?: string;
  from?: string;
  to?: string;
  callId?: string;
  /** Default: the one after the last. */
  cseq?: number;
  branch?: string;
  via?: string;
  /** One Contact header field line each; default: none, which makes a REGISTER a query. */
  contacts?: readonly string[];
  /** The Expires header field. */
  expires?: number | string;
  /** The Supported header field. */
  supported?: string;
  headers?: readonly (readonly [name: string, value: string])[];
  body?: string;
}

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
  contact(parameters = '', uriParameters = ''): string {
    const { address, port } = this.connection.local;
    return `<sip:${this.account.user}@${address}:${port}${uriParameters}>${parameters}`;
  }

  /** The text of a request; its CSeq is used up. */
  request(options: SipRequestOptions = {}): string {
    const { method = 'REGISTER', body = '' } = options;
    const { address, port } = this.connection.local;
    this.cseq = options.cseq ?? this.cseq + 1;
    const via = `SIP/2.0/${this.connection.transport} ${address}:${port};branch=${options.branch ?? newBranch()};rport`;
    const lines = [
      `${method} ${options.uri ?? `sip:${this.account.domain}`} SIP/2.0`,
      `Via: ${options.via ?? via}`,
      'Max-Forwards: 70',
      `From: ${options.from ?? `<${this.addressOfRecord}>;tag=${this.tag}`}`,
      `To: ${options.to ?? `<${this.addressOfRecord}>`}`,
      `Call-ID: ${options.callId ?? this.callId}`,
      `CSeq: ${this.cseq} ${method}`,
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
    this.connection.send(text);
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

  /** Sends the request again with credentials, under the next CSeq. */
  answerChallenge(
    challenged: SipAnswer,
    request: SipRequestOptions = {},
    credentials: SipRegisterOptions['credentials'] = {},
  ): Promise<SipAnswer> {
    const authorization = ['Authorization', this.authorization(challenged, request, credentials)] as const;
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
