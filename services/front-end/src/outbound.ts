import { isIPv6 } from 'node:net';
import { connectStream, type Flow, type ListenerEvents, type StreamFlow, type UdpListener } from '@rollcall/sip';
import { hostOf } from './host-port.ts';

const CONNECT_MS = 4000;
/** A connection that nobody has used for so long is closed, ms. */
const IDLE_MS = 120_000;
const SWEEP_MS = 5000;
const MAXIMUM = 1000;

/** Where a request leaves the pool to. */
export interface NextHop {
  transport: 'UDP' | 'TCP' | 'TLS';
  /** An IP address, IPv6 without brackets. */
  host: string;
  port: number;
  /** Whom its certificate has to name, for TLS (RFC 5922 §7.2): the domain that was asked for. Default the address. */
  name?: string | undefined;
}

export interface OutboundOptions {
  udp: Pick<UdpListener, 'flowTo' | 'address'>;
  /** Where this front end listens: what it puts into Via and Record-Route, since connections do not last. */
  ports?: Readonly<Record<'TCP' | 'TLS', number>>;
  /** Gets what comes on these connections: requests too, which are handled like anybody's. */
  on: ListenerEvents;
  /** Whether requests sent on a connection have no answer yet. */
  awaits(flow: Flow): boolean;
  idleMs?: number;
  maximum?: number;
}

interface Connection {
  flow: Promise<StreamFlow>;
  /** Once it is open. */
  open: StreamFlow | undefined;
  usedAt: number;
}

/** Connections to servers outside the pool: opened at first use, shared, closed when idle, of bounded number. */
export class Outbound {
  readonly #options: OutboundOptions;
  /** The least recently used first. */
  readonly #connections = new Map<string, Connection>();
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OutboundOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#closeIdle(), Math.min(SWEEP_MS, this.#idleMs));
  }

  /** Open connections, and those that are being opened. */
  get connections(): number {
    return this.#connections.size;
  }

  /** A flow to a next hop. Rejects when it does not answer within 4 s, or every connection that there may be is in use. */
  async flow({ transport, ...hop }: NextHop): Promise<Flow> {
    if (transport === 'UDP') return this.#udpFlow(hop);
    const key = `${transport} ${hostOf(hop.host)}:${hop.port} ${hop.name ?? ''}`;
    const known = this.#connections.get(key);
    const connection = known && !known.open?.closed ? known : this.#connect(key, { ...hop, transport });
    connection.usedAt = performance.now();
    this.#connections.delete(key);
    this.#connections.set(key, connection);
    return connection.flow;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopped.abort();
    for (const { open } of this.#connections.values()) open?.close();
    this.#connections.clear();
  }

  #udpFlow({ host, port }: Pick<NextHop, 'host' | 'port'>): Flow {
    const { udp } = this.#options;
    if (isIPv6(host) !== isIPv6(udp.address.address)) throw new Error(`UDP does not reach ${host} from here`);
    return udp.flowTo(host, port);
  }

  #connect(key: string, { transport, host, port, name }: NextHop & { transport: 'TCP' | 'TLS' }): Connection {
    const { on, ports, maximum = MAXIMUM } = this.#options;
    if (this.#connections.size >= maximum && !this.#closeOne())
      throw new Error('Too many connections to other servers');
    const forget = () => {
      if (this.#connections.get(key) === connection) this.#connections.delete(key);
    };
    const flow = connectStream({
      ...{ host, port, timeoutMs: CONNECT_MS, signal: this.#stopped.signal, localPort: ports?.[transport] },
      tls: transport === 'TLS' ? tlsTo(host, name) : undefined,
      on: {
        message: (bytes, flow) => on.message(bytes, flow),
        broken: (frame, flow) => on.broken(frame, flow),
        dropped: (reason) => on.dropped?.(reason),
        opened: (flow) => on.opened?.(flow),
        closed: (flow) => {
          forget();
          on.closed?.(flow);
        },
      },
    });
    const connection: Connection = { flow, open: undefined, usedAt: 0 };
    flow.then((open) => {
      connection.open = open;
    }, forget);
    return connection;
  }

  get #idleMs(): number {
    return this.#options.idleMs ?? IDLE_MS;
  }

  #closeIdle(): void {
    const now = performance.now();
    for (const { open, usedAt } of this.#connections.values()) {
      if (open && now - Math.max(usedAt, open.heardAt) > this.#idleMs && !this.#options.awaits(open)) open.close();
    }
  }

  /** Makes room: closes the connection whose last use is longest ago, of those that nothing waits on. */
  #closeOne(): boolean {
    for (const [key, { open }] of this.#connections) {
      if (!open || this.#options.awaits(open)) continue;
      this.#connections.delete(key);
      open.close();
      return true;
    }
    return false;
  }
}

function tlsTo(host: string, name: string | undefined) {
  return name === undefined ? { servername: '' } : { servername: name, host };
}
