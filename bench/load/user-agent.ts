import { type Answer, header } from './answer.ts';
import { authorization, type Login, readChallenge } from './digest.ts';
import type { Line } from './line.ts';

/** ms between two sendings of a request on UDP, and how often it is sent. */
const AGAIN = 2000;
const SENDINGS = 10;

export interface AgentRequest {
  method: string;
  /** Request-URI and To. */
  uri: string;
  /** More header field lines. */
  headers?: readonly string[];
  body?: string;
  /** Requests of one Call-ID count up its CSeq; default: one for each method. */
  callId?: string;
}

let agents = 0;

/** One user of a load: it answers challenges, and sends again what got lost. It gives each response that its line reads to `receive`. */
export class UserAgent {
  readonly #line: Line;
  readonly #login: Login;
  readonly #domain: string;
  readonly #number = ++agents;
  readonly #cseqs = new Map<string, number>();
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  #branches = 0;

  constructor(line: Line, login: Login, domain: string) {
    this.#line = line;
    this.#login = login;
    this.#domain = domain;
  }

  callIdOf(method: string): string {
    return `${method}-${this.#login.user}-${process.pid}-${this.#number}@agents.invalid`;
  }

  get contact(): string {
    return `sip:${this.#login.user}@${this.#line.local};transport=${this.#line.transport.toLowerCase()}`;
  }

  /** The final answer, of status 408 when none has come. */
  async request({ method, uri, callId = this.callIdOf(method), ...rest }: AgentRequest): Promise<Answer> {
    const headers = [...(rest.headers ?? [])];
    let answer = await this.#exchange({ method, uri, callId, ...rest, headers });
    const [challenged, answering] =
      answer.status === 401 ? ['WWW-Authenticate', 'Authorization'] : ['Proxy-Authenticate', 'Proxy-Authorization'];
    const challenge = header(answer, challenged);
    if ((answer.status === 401 || answer.status === 407) && challenge) {
      headers.push(`${answering}: ${authorization(readChallenge(challenge), this.#login, method, uri)}`);
      answer = await this.#exchange({ method, uri, callId, ...rest, headers });
    }
    return answer;
  }

  /** @param text a response to one of its requests */
  receive(text: string): void {
    const status = Number(text.slice(8, 11));
    const branch = /;branch=([^;,\r]+)/.exec(text)?.[1] ?? '';
    if (status >= 200) this.#waiting.get(branch)?.({ status, text, retransmissions: 0 });
  }

  async #exchange({ method, uri, callId, headers, body = '' }: AgentRequest & { callId: string }): Promise<Answer> {
    const cseq = (this.#cseqs.get(callId) ?? 0) + 1;
    this.#cseqs.set(callId, cseq);
    const branch = `z9hG4bK-${process.pid}-${this.#number}-${++this.#branches}`;
    const text = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/${this.#line.transport} ${this.#line.local};branch=${branch};rport`,
      'Max-Forwards: 70',
      `From: <sip:${this.#login.user}@${this.#domain}>;tag=${this.#login.user}`,
      `To: <${method === 'REGISTER' ? `sip:${this.#login.user}@${this.#domain}` : uri}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      ...headers!,
      `Content-Length: ${body.length}`,
      `\r\n${body}`,
    ].join('\r\n');
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(branch, resolve);
      this.#send(branch, text, 1);
    });
    this.#waiting.delete(branch);
    return answer;
  }

  #send(branch: string, text: string, sendings: number): void {
    const done = this.#waiting.get(branch);
    if (!done) return;
    if (sendings > SENDINGS) done({ status: 408, text: '', retransmissions: sendings });
    else if (sendings === 1 || this.#line.transport === 'UDP') this.#line.send(text);
    setTimeout(() => this.#send(branch, text, sendings + 1), AGAIN).unref();
  }
}
