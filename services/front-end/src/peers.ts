import type { BackEnd } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import { type ConnectOptions, type Flow, type Listener, type ListenerEvents, listenStream } from '@rollcall/sip';
import { hostPort, splitHostPort } from './host-port.ts';
import { Peer, type PeerFailure, PeerUnreachableError } from './peer.ts';

const TICK_MS = 1000;
/** How long the list of front ends counts as new; one that is not on it is looked for again this soon, ms. */
const LISTED_MS = 5000;
const MISSING_MS = 500;
/** A front end that connected sends a keep-alive a second. */
const IDLE_MS = 15_000;
const CONNECTIONS = 1000;

export interface PeersOptions {
  host: string;
  port: number;
  /** Both sides show a certificate of one authority (PEM). */
  tls?: { cert: string; key: string; ca: string } | undefined;
  backEnd: Pick<BackEnd, 'findFrontEnds'>;
  /** Gets what comes on internal connections. */
  on: ListenerEvents;
  failed?(why: PeerFailure): void;
  log: Log;
}

/** The other front ends of the pool: the connections to them, and those that they have opened. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #on: ListenerEvents;
  readonly #flows = new Map<string, Flow>();
  readonly #peers = new Map<number, Peer>();
  #listener!: Listener;
  #timer: NodeJS.Timeout | undefined;
  #addresses: ReadonlyMap<number, string> = new Map();
  #listedAt = Number.NEGATIVE_INFINITY;
  #listing: Promise<void> | undefined;

  private constructor(options: PeersOptions) {
    this.#options = options;
    const { on } = options;
    this.#on = {
      message: (bytes, flow) => on.message(bytes, flow),
      broken: (frame, flow) => on.broken(frame, flow),
      dropped: (reason) => {
        if (reason !== 'keep-alive') on.dropped?.(reason);
      },
      // They are no client's connections: whoever counts or closes those does not hear of them.
      opened: (flow) => this.#flows.set(flow.id, flow),
      closed: (flow) => {
        this.#flows.delete(flow.id);
        on.closed?.(flow);
      },
    };
  }

  /** Listens for the other front ends. */
  static async open(options: PeersOptions): Promise<Peers> {
    const peers = new Peers(options);
    await peers.#listen();
    return peers;
  }

  /** `host:port` of the listener. */
  get address(): string {
    return hostPort(this.#listener.address);
  }

  /** Open connections, to other front ends and from them. */
  get connections(): number {
    return this.#flows.size;
  }

  /** Whether this connection is to or from another front end. */
  has(flow: Flow): boolean {
    // Over UDP nobody is, and the id of such a flow is put together each time.
    return flow.reliable && this.#flows.has(flow.id);
  }

  /** The connection with that id, `Flow.id`. */
  find(id: string): Flow | undefined {
    return this.#flows.get(id);
  }

  /** The connection to a front end where one is open: what most requests find. */
  connected(frontEndId: number): Flow | undefined {
    return this.#peers.get(frontEndId)?.flow;
  }

  /**
   * The connection to a front end, opened when there is none. Rejects with PeerUnreachableError: within a second when
   * it does not answer, at once when it is gone.
   */
  async flow(frontEndId: number): Promise<Flow> {
    const open = this.connected(frontEndId);
    if (open) return open;
    const address = await this.#addressOf(frontEndId);
    if (address === undefined) {
      this.#options.failed?.('unknown');
      throw new PeerUnreachableError(frontEndId);
    }
    return this.#peer(frontEndId, address).connect();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const peer of this.#peers.values()) peer.close();
    await this.#listener.close();
  }

  async #listen(): Promise<void> {
    const { host, port, tls } = this.#options;
    this.#listener = await listenStream({
      ...{ host, port, on: this.#on, mayBeSilent: true, limits: { idleMs: IDLE_MS, connections: CONNECTIONS } },
      tls: tls && { ...tls, requestCert: true, rejectUnauthorized: true },
    });
    this.#timer = setInterval(() => {
      for (const peer of this.#peers.values()) peer.check();
    }, TICK_MS);
  }

  #peer(id: number, address: string): Peer {
    const known = this.#peers.get(id);
    if (known) return known;
    const { tls, failed, log } = this.#options;
    const peer = new Peer({
      ...{ id, address: splitHostPort(address), on: this.#on, log },
      tls: tls && clientTls(tls),
      failed: (why) => failed?.(why),
    });
    this.#peers.set(id, peer);
    return peer;
  }

  /** An id has one address for ever: so an old list does no harm, and one that cannot be read anew is good enough. */
  async #addressOf(id: number): Promise<string | undefined> {
    const age = performance.now() - this.#listedAt;
    if (age > LISTED_MS || (age > MISSING_MS && !this.#addresses.has(id))) {
      this.#listing ??= this.#list().finally(() => {
        this.#listing = undefined;
      });
      await this.#listing;
    }
    return this.#addresses.get(id);
  }

  async #list(): Promise<void> {
    const listed = await this.#options.backEnd.findFrontEnds().catch(() => undefined);
    if (!listed) return;
    this.#listedAt = performance.now();
    this.#addresses = new Map(
      listed.flatMap(({ id, addresses }) => (addresses.internal === undefined ? [] : [[id, addresses.internal]])),
    );
    for (const [id, peer] of this.#peers) {
      if (this.#addresses.has(id)) continue;
      this.#peers.delete(id);
      peer.close();
    }
  }
}

/** Addresses are the pool's own, so the authority alone says who belongs to it. */
function clientTls(tls: { cert: string; key: string; ca: string }): ConnectOptions['tls'] {
  return { ...tls, rejectUnauthorized: true, checkServerIdentity: () => undefined };
}
