import { type BlockList, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { acceptor } from './accept.ts';
import { clientCertificate } from './client-certificate.ts';
import type { Listener, ListenerEvents } from './listener.ts';
import type { ConnectionEnds } from './proxy-protocol.ts';
import { StreamFlow, type StreamLimits } from './stream-flow.ts';

/** How often connections are looked at: one timer a listener, since one a connection costs memory at each. */
export const SWEEP_MS = 1000;

export const STREAM_LIMITS: StreamLimits = {
  messageBytes: 65_536,
  connections: 18_000,
  messageMs: 30_000,
  proxyHeaderMs: 3000,
  idleMs: 2 * 3_600_000,
  unreadBytes: 1 << 20,
};

export interface StreamOptions {
  host: string;
  port: number;
  on: ListenerEvents;
  limits?: Partial<StreamLimits>;
  /** Key and certificate, and what is asked of clients' certificates: makes it a TLS listener. */
  tls?: TlsOptions | undefined;
  /** Balancers, whose connections begin with a PROXY header (before TLS). */
  proxyNetworks?: BlockList | undefined;
  /** Those that connect need not begin with a message: they send keep-alives, or are closed after `idleMs`. */
  mayBeSilent?: boolean;
}

/** Listens on TCP, or on TLS when a certificate is given; each connection is one flow. */
export async function listenStream(options: StreamOptions): Promise<Listener> {
  const limits = { ...STREAM_LIMITS, ...options.limits };
  const flows = new Set<StreamFlow>();
  const open = (socket: Socket, ends: ConnectionEnds) => {
    const transport = options.tls || ends.secure ? 'TLS' : 'TCP';
    const flow = new StreamFlow(transport, socket, ends, limits, options.on, options.mayBeSilent);
    flows.add(flow);
    socket.once('close', () => {
      flows.delete(flow);
      flow.forget();
    });
  };
  const tls = options.tls && tlsHandshakes(options.tls, limits.messageMs, options.on, open);
  const server = createServer(
    { noDelay: true },
    acceptor(
      {
        proxyNetworks: options.proxyNetworks,
        proxyHeaderMs: limits.proxyHeaderMs,
        dropped: (reason) => options.on.dropped?.(reason),
      },
      tls ?? open,
    ),
  );
  // Those in their PROXY header or TLS handshake count too.
  server.maxConnections = limits.connections;
  server.on('drop', () => options.on.dropped?.('too-many-connections'));
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
    transport: options.tls ? 'TLS' : 'TCP',
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

/** Takes connections through their TLS handshake; `done` gets each that came through. */
function tlsHandshakes(
  certificate: TlsOptions,
  handshakeTimeout: number,
  on: ListenerEvents,
  done: (socket: Socket, ends: ConnectionEnds) => void,
): (socket: Socket, ends: ConnectionEnds) => void {
  // A TLS socket knows of the connection below it only who is at the other end, and that may be a balancer: whom it
  // spoke for is kept here by that, until the handshake is done.
  const beginning = new Map<string, ConnectionEnds>();
  const server = createTlsServer({ ...certificate, handshakeTimeout }, (socket) => {
    const ends = beginning.get(peerName(socket));
    beginning.delete(peerName(socket));
    if (ends) done(socket, certificate.requestCert ? { ...ends, certificate: clientCertificate(socket) } : ends);
    else socket.destroy(); // it has gone meanwhile
  });
  server.on('tlsClientError', (_error, socket) => {
    on.dropped?.('tls-handshake');
    socket.destroy();
  });
  return (socket, ends) => {
    const name = peerName(socket);
    beginning.set(name, ends);
    socket.once('close', () => {
      if (beginning.get(name) === ends) beginning.delete(name);
    });
    server.emit('connection', socket);
  };
}

function peerName(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
