import { type Answer, headers } from '../load/answer.ts';
import type { Login } from '../load/digest.ts';
import { Phone } from '../load/phone.ts';
import { request } from '../load/request.ts';
import { type Requester, targetOf } from '../load/requester.ts';
import { StreamRequester } from '../load/stream-requester.ts';
import { UdpRequester } from '../load/udp-requester.ts';
import { openWebSocketRequester } from '../load/web-socket-requester.ts';
import type { Addresses } from './attack.ts';
import { GOOD_BALANCER, proxyHeader } from './proxy-headers.ts';

/** Whom the balancer speaks for. */
const CLIENT = '198.51.100.77';

export interface ProbesOptions {
  addresses: Addresses;
  domain: string;
  login: Login;
}

/** A valid request that was answered wrongly. */
export class WrongAnswerError extends Error {
  override readonly name = 'WrongAnswerError';
}

/** Well-behaved clients of an account of their own, who must not notice an attack. */
export class Probes {
  readonly #options: ProbesOptions;
  readonly #udp: UdpRequester;
  readonly #streams: Requester[];
  readonly #phones: Map<Requester, Phone>;
  /** The one that comes over a new connection each time. */
  readonly #caller: Phone;
  #answered = 0;
  #slowest = 0;

  static async open(options: ProbesOptions): Promise<Probes> {
    const { udp, tls } = options.addresses;
    return new Probes(options, await UdpRequester.open(targetOf(udp)), [
      ...(await openAnyone(options.addresses)),
      await StreamRequester.open('TLS', targetOf(tls)),
    ]);
  }

  constructor(options: ProbesOptions, udp: UdpRequester, streams: Requester[]) {
    this.#options = options;
    this.#udp = udp;
    this.#streams = streams;
    const phones = [udp, ...streams].map((requester) => [requester, this.#phone(requester)] as const);
    this.#phones = new Map(phones);
    this.#caller = this.#phone(streams[0]!, 'new');
  }

  /** Requests that were answered right. */
  get answered(): number {
    return this.#answered;
  }

  /** Of those over UDP, how often one had to be sent again. */
  get resent(): number {
    return this.#udp.retransmissions;
  }

  /** The longest that an answer took, ms. */
  get slowest(): number {
    return this.#slowest;
  }

  /** OPTIONS and an authenticated REGISTER over each transport. @throws NoAnswerError or WrongAnswerError */
  async run(): Promise<void> {
    await Promise.all(
      [this.#udp, ...this.#streams].map(async (requester) => {
        await this.#options200(requester);
        await this.#registered(requester, this.#phones.get(requester)!);
      }),
    );
  }

  /** As `run`, over new connections of TCP, WebSocket and a balancer, each of which has to log on first. */
  async runOnNewConnections(): Promise<void> {
    const requesters = await openAnyone(this.#options.addresses);
    try {
      for (const requester of requesters) {
        await this.#options200(requester);
        await this.#registered(requester, this.#caller);
      }
    } finally {
      for (const requester of requesters) requester.close();
    }
  }

  close(): void {
    this.#udp.close();
    for (const stream of this.#streams) stream.close();
  }

  #phone({ local, transport }: Requester, name = 'kept'): Phone {
    const { domain, login } = this.#options;
    const contact = `sip:${login.user}@${local};transport=${transport.toLowerCase()};probe=${name}`;
    return new Phone({ ...login, domain, contact });
  }

  async #options200(requester: Requester): Promise<void> {
    const { domain, login } = this.#options;
    const asked = request(requester, { method: 'OPTIONS', uri: `sip:${domain}`, user: login.user, domain });
    const answer = await this.#timed(asked);
    const balanced = requester.local.startsWith(`${GOOD_BALANCER}:`);
    const known = !balanced || headers(answer, 'Via')[0]?.includes(`;received=${CLIENT}`);
    if (answer.status !== 200 || headers(answer, 'Allow').length === 0 || !known)
      throw wrong('OPTIONS', requester, answer);
  }

  async #registered(requester: Requester, phone: Phone): Promise<void> {
    const answer = await this.#timed(phone.register(requester, 600));
    const kept = headers(answer, 'Contact').some((contact) => contact.includes(`<${phone.options.contact}>`));
    if (answer.status !== 200 || !kept) throw wrong('REGISTER', requester, answer);
  }

  async #timed(answered: Promise<Answer>): Promise<Answer> {
    const started = performance.now();
    const answer = await answered;
    this.#answered += 1;
    this.#slowest = Math.max(this.#slowest, performance.now() - started);
    return answer;
  }
}

/** Connections of TCP, of WebSocket, and through a balancer. */
async function openAnyone({ tcp, ws }: Addresses): Promise<Requester[]> {
  return [
    await StreamRequester.open('TCP', targetOf(tcp)),
    await openWebSocketRequester(ws),
    await StreamRequester.open('TCP', targetOf(tcp), GOOD_BALANCER, proxyHeader(CLIENT)),
  ];
}

function wrong(what: string, { transport }: Requester, answer: Answer): WrongAnswerError {
  return new WrongAnswerError(`a valid ${what} over ${transport} was answered:\n${answer.text}`);
}
