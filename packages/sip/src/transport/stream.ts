import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { MessageFramer } from '../message/index.ts';
import type { Flow } from '../transaction/index.ts';
import type { Address, Listener, ListenerEvents } from './listener.ts';

const PONG = Buffer.from('\r\n');

export interface StreamLimits {
  /** A message longer than this is answered 513 and ends the connection. */
  messageBytes: number;
  /** Connections at once; the next one is closed at once. */
  connections: number;
  /** How long a connection may take to its first message, and to finish any message that it has begun, ms. */
  messageMs: number;
  /** A connection without a byte for that long is closed, ms. */
  idleMs: number;
  /** A reader that leaves more than this unread is closed: it may not hold memory for ever. */
  unreadBytes: number;
}

/** How often connections are looked at: one timer a listener, since one a connection costs memory at each. */
const SWEEP_MS = 1000;

export const STREAM_LIMITS: StreamLimits = {
  messageBytes: 65_536,
  connections: 18_000,
  messageMs: 30_000,
  idleMs: 2 * 3_600_000,
  unreadBytes: 1 << 20,
};

export interface StreamOptions {
  host: string;
  port: number;
  on: ListenerEvents;
  limits?: Partial<StreamLimits>;
  /** Key and certificate: makes it a TLS listener. */
  tls?: SecureContextOptions;
}

/** Listens on TCP, or on TLS when a certificate is given; each connection is one flow. */
export async function listenStream(options: StreamOptions): Promise<Listener> {
  const limits = { ...STREAM_LIMITS, ...options.limits };
  const transport = options.tls ? 'TLS' : 'TCP';
  const flows = new Set<StreamFlow>();
  const accept = (socket: Socket) => {
    const flow = new StreamFlow(transport, socket, limits, options.on);
    flows.add(flow);
    socket.once('close', () => {
      flows.delete(flow);
      flow.forget();
    });
  };
  const server: Server = options.tls
    ? createTlsServer({ ...options.tls, handshakeTimeout: limits.messageMs }, accept)
    : createServer({ noDelay: true }, accept);
  // Those in their TLS handshake count too.
  server.maxConnections = limits.connections;
  server.on('drop', () => options.on.dropped?.('too-many-connections'));
  server.on('tlsClientError', (_error, socket: TLSSocket) => {
    options.on.dropped?.('tls-handshake');
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port, backlog: 4096 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const flow of flows) flow.endIfStuck(now);
  }, SWEEP_MS);
  const bound = server.address() as { address: string; port: number };
  return {
    transport,
    address: { address: bound.address, port: bound.port },
    get connections() {
      return flows.size;
    },
    close: () =>
      new Promise((resolve) => {
        clearInterval(sweep);
        server.close(() => resolve());
        for (const flow of flows) flow.close();
      }),
  };
}

let opened = 0;

class StreamFlow implements Flow {
  readonly id: string;
  readonly transport: 'TCP' | 'TLS';
  readonly reliable = true;
  readonly local: Address;
  readonly remote: Address;
  closed = false;
  readonly #socket: Socket;
  readonly #framer: MessageFramer;
  readonly #limits: StreamLimits;
  readonly #on: ListenerEvents;
  /** When the message that is awaited began; 0 between messages. */
  #awaitedSince = performance.now();
  #lastByte = this.#awaitedSince;

  constructor(transport: 'TCP' | 'TLS', socket: Socket, limits: StreamLimits, on: ListenerEvents) {
    opened += 1;
    this.id = `${transport.toLowerCase()}:${opened}`;
    this.transport = transport;
    this.local = { address: plain(socket.localAddress), port: socket.localPort ?? 0 };
    this.remote = { address: plain(socket.remoteAddress), port: socket.remotePort ?? 0 };
    this.#socket = socket;
    this.#limits = limits;
    this.#on = on;
    this.#framer = new MessageFramer({ messageBytes: limits.messageBytes });
    socket.on('error', () => this.close());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    on.opened?.(this);
  }

  /** Half a message may not hold its memory, nor a silent connection its descriptor, for ever. */
  endIfStuck(now: number): void {
    const stuck = this.#awaitedSince > 0 && now - this.#awaitedSince > this.#limits.messageMs;
    if (!stuck && now - this.#lastByte <= this.#limits.idleMs) return;
    this.#on.dropped?.('silent-connection');
    this.close();
  }

  #read(chunk: Buffer): void {
    this.#lastByte = performance.now();
    let pinged = false;
    for (const frame of this.#framer.push(chunk)) {
      if (this.closed) return;
      switch (frame.kind) {
        case 'message':
          this.#awaitedSince = 0;
          this.#on.message(frame.bytes, this);
          break;
        case 'ping':
          pinged = true;
          break;
        case 'pong':
          break;
        default:
          this.#on.broken(frame, this);
          this.close();
      }
    }
    if (pinged) {
      // RFC 5626 §3.5.1: a double CRLF is answered with one, once a chunk, so that a flood gets no flood back.
      this.#on.dropped?.('keep-alive');
      this.send(PONG);
    }
    if (this.#framer.held > 0 && this.#awaitedSince === 0) this.#awaitedSince = this.#lastByte;
  }

  send(bytes: Buffer): void {
    if (this.closed) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > this.#limits.unreadBytes) {
      this.#on.dropped?.('slow-reader');
      this.closed = true;
      this.#socket.destroy();
    }
  }

  /** Sends what is queued, then closes; a peer that does not close its side is cut off. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#socket.removeAllListeners('data');
    this.#socket.resume();
    this.#socket.setTimeout(2000, () => this.#socket.destroy());
    this.#socket.end();
  }

  /** The socket is gone. */
  forget(): void {
    this.closed = true;
    this.#on.closed?.(this);
  }
}

/** IPv4 clients of a dual-stack socket are known by their IPv4 address. */
function plain(address: string | undefined): string {
  return address?.startsWith('::ffff:') ? address.slice(7) : (address ?? '');
}
