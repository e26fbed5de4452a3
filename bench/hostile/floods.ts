import { targetOf } from '../load/requester.ts';
import { BYTE_MUTATIONS } from './byte-mutations.ts';
import { clientHello } from './client-hello.ts';
import { Lingering } from './lingering.ts';
import type { HostileMessage } from './message.ts';
import { Random } from './random.ts';
import { Statuses } from './statuses.ts';
import { StreamFlood } from './stream-flood.ts';
import { UdpFlood } from './udp-flood.ts';

const HELLO_MUTATIONS = Object.values(BYTE_MUTATIONS);

/** Every way to send hostile messages to one front end. */
export class Floods {
  readonly #hello: Buffer;
  readonly #udp: UdpFlood;
  readonly #streams: Record<'tcp' | 'tls' | 'tls-hello', StreamFlood>;
  readonly #lingering: Lingering;
  readonly #statuses: Statuses;

  static async open(addresses: { udp: string; tcp: string; tls: string }, lingering: number): Promise<Floods> {
    const statuses = new Statuses();
    const hello = await clientHello();
    const [tcp, tls] = [targetOf(addresses.tcp), targetOf(addresses.tls)];
    const streams = {
      tcp: new StreamFlood({ target: tcp, tls: false, connections: 100, endShare: 0.15, statuses }),
      tls: new StreamFlood({ target: tls, tls: true, connections: 20, endShare: 0.15, statuses }),
      // Raw bytes to the TLS port: handshakes that are bent and broken off.
      'tls-hello': new StreamFlood({ target: tls, tls: false, connections: 20, endShare: 0.7, statuses }),
    };
    const udp = await UdpFlood.open(targetOf(addresses.udp), statuses);
    return new Floods(hello, udp, streams, new Lingering({ tcp, tls }, hello, lingering), statuses);
  }

  constructor(
    hello: Buffer,
    udp: UdpFlood,
    streams: Record<'tcp' | 'tls' | 'tls-hello', StreamFlood>,
    lingering: Lingering,
    statuses: Statuses,
  ) {
    this.#hello = hello;
    this.#udp = udp;
    this.#streams = streams;
    this.#lingering = lingering;
    this.#statuses = statuses;
  }

  /** Answers, by status. */
  get answers(): Record<string, number> {
    return this.#statuses.counts;
  }

  /** Connections that were opened, so far. */
  get connections(): number {
    return Object.values(this.#streams).reduce((sum, { opened }) => sum + opened, 0);
  }

  get lingeringEnded(): Record<string, number> {
    return this.#lingering.ended;
  }

  send({ way, bytes, index }: HostileMessage, seed: number): void {
    switch (way) {
      case 'udp':
        this.#udp.send(bytes, index);
        break;
      case 'tls-hello': {
        const random = Random.of(seed ^ 0x5bd1e995, index);
        const bent = random.pick(HELLO_MUTATIONS)(this.#hello, random, [this.#hello]);
        this.#streams[way].send(bent, seed, index);
        break;
      }
      default:
        this.#streams[way].send(bytes, seed, index);
    }
  }

  /** Resolves when the kernel has taken everything. */
  async drained(): Promise<void> {
    await Promise.all(Object.values(this.#streams).map((stream) => stream.drained()));
  }

  close(): void {
    this.#udp.close();
    for (const stream of Object.values(this.#streams)) stream.close();
    this.#lingering.close();
  }
}
