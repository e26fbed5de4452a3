import { targetOf } from '../load/requester.ts';
import type { Addresses } from './attack.ts';
import { BYTE_MUTATIONS } from './byte-mutations.ts';
import { clientHello } from './client-hello.ts';
import { Lingering } from './lingering.ts';
import type { HostileMessage, Way } from './message.ts';
import { hostileHeader } from './proxy-headers.ts';
import { Random } from './random.ts';
import { Statuses } from './statuses.ts';
import { StreamFlood } from './stream-flood.ts';
import { UdpFlood } from './udp-flood.ts';
import { HANDSHAKE, hostileFrames, hostileHandshake } from './web-socket-frames.ts';

const HELLO_MUTATIONS = Object.values(BYTE_MUTATIONS);
/** Networks of those that the front end takes for balancers, and of those that it does not. */
const [TRUSTED, UNTRUSTED] = ['127.0.4', '127.0.2'];

type StreamWay = Exclude<Way, 'udp'>;

/** Every way to send hostile messages to one front end. */
export class Floods {
  readonly #hello: Buffer;
  readonly #udp: UdpFlood;
  readonly #streams: Record<StreamWay, StreamFlood>;
  readonly #lingering: Lingering;
  readonly #statuses: Statuses;

  static async open(addresses: Addresses, lingering: number): Promise<Floods> {
    const statuses = new Statuses();
    const hello = await clientHello();
    const [tcp, tls, http] = [targetOf(addresses.tcp), targetOf(addresses.tls), targetOf(addresses.ws)];
    // Connections that are to stay, to be read from more than once; and those of which only the beginning matters.
    const staying = { tls: false, connections: 20, endShare: 0.15, statuses };
    const beginning = { ...staying, endShare: 0.7 };
    const streams = {
      tcp: new StreamFlood({ ...staying, target: tcp, connections: 100 }),
      tls: new StreamFlood({ ...staying, target: tls, tls: true }),
      'tls-hello': new StreamFlood({ ...beginning, target: tls }),
      ws: new StreamFlood({ ...staying, target: http, opening: HANDSHAKE }),
      'ws-hello': new StreamFlood({ ...beginning, target: http }),
      'proxy-tcp': new StreamFlood({ ...beginning, target: tcp, network: TRUSTED }),
      'proxy-http': new StreamFlood({ ...beginning, target: http, network: TRUSTED }),
      'proxy-untrusted': new StreamFlood({ ...beginning, target: tcp, network: UNTRUSTED }),
    };
    const udp = await UdpFlood.open(targetOf(addresses.udp), statuses);
    return new Floods(hello, udp, streams, new Lingering({ tcp, tls, http }, hello, lingering), statuses);
  }

  constructor(
    hello: Buffer,
    udp: UdpFlood,
    streams: Record<StreamWay, StreamFlood>,
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
    if (way === 'udp') this.#udp.send(bytes, index);
    else this.#streams[way].send(this.#carry(way, bytes, Random.of(seed ^ 0x5bd1e995, index)), seed, index);
  }

  /** What the message becomes below SIP. */
  #carry(way: StreamWay, bytes: Buffer, random: Random): Buffer {
    switch (way) {
      case 'tcp':
      case 'tls':
        return bytes;
      case 'tls-hello':
        return random.pick(HELLO_MUTATIONS)(this.#hello, random, [this.#hello]);
      case 'ws':
        return hostileFrames(bytes, random);
      case 'ws-hello':
        return hostileHandshake(bytes, random);
      case 'proxy-tcp':
      case 'proxy-untrusted':
        return Buffer.concat([hostileHeader(random), bytes]);
      case 'proxy-http':
        return Buffer.concat([hostileHeader(random), HANDSHAKE, hostileFrames(bytes, random)]);
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
