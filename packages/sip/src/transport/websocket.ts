import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { ListenerEvents } from './listener.ts';
import { plainAddress } from './proxy-protocol.ts';
import { WebSocketFlow, type WebSocketLimits } from './websocket-flow.ts';

export const WEB_SOCKET_LIMITS: WebSocketLimits = {
  messageBytes: 65_536,
  connections: 18_000,
  messageMs: 30_000,
  idleMs: 2 * 3_600_000,
  pingMs: 30_000,
  unreadBytes: 1 << 20,
};

/** Of one message: fragments, and packets of one frame. Each costs some hundred bytes, however few it brings. */
const FRAGMENTS = 2000;
const SWEEP_MS = 1000;
/** How long a client may take to answer the closing handshake. */
const CLOSE_MS = 2000;

export interface WebSocketOptions {
  on: ListenerEvents;
  /** Web origins that may connect; any by default. Clients that are no browsers send none and may always. */
  origins?: readonly string[] | undefined;
  limits?: Partial<WebSocketLimits>;
}

export interface WebSocketListener {
  readonly connections: number;
  /** Takes no more connections and closes those that are open. */
  close(): Promise<void>;
}

/** Whether a request asks for a WebSocket; for the `shouldUpgradeCallback` of the HTTP server. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/** Serves SIP over WebSocket (RFC 7118) to the upgrade requests of an HTTP server. */
export function serveWebSockets(server: Server, options: WebSocketOptions): WebSocketListener {
  const { on } = options;
  const limits = { ...WEB_SOCKET_LIMITS, ...options.limits };
  const flows = new Set<WebSocketFlow>();
  let ended: (() => void) | undefined;
  const settings: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    maxFragments: FRAGMENTS,
    maxBufferedChunks: FRAGMENTS,
    closeTimeout: CLOSE_MS,
    handleProtocols: () => 'sip',
  };
  const handshakes = new WebSocketServer(settings);
  handshakes.on('wsClientError', (_error, socket: Duplex) => {
    on.dropped?.('websocket-handshake');
    refuse(socket, '400 Bad Request');
  });
  const upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const refusal =
      ended || flows.size >= limits.connections ? '503 Service Unavailable' : checkHandshake(request, options.origins);
    if (refusal) {
      on.dropped?.(refusal.startsWith('503') ? 'too-many-connections' : 'websocket-handshake');
      return refuse(socket, refusal);
    }
    handshakes.handleUpgrade(request, socket, head, (webSocket) => {
      const flow = new WebSocketFlow(webSocket, socket, endsOf(socket), limits, on);
      flows.add(flow);
      webSocket.once('close', () => {
        flows.delete(flow);
        flow.forget();
        if (flows.size === 0) ended?.();
      });
    });
  };
  server.on('upgrade', upgrade);
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const flow of flows) flow.check(now);
  }, SWEEP_MS);
  return {
    get connections() {
      return flows.size;
    },
    close: () =>
      new Promise((resolve) => {
        clearInterval(sweep);
        ended = resolve;
        for (const flow of flows) flow.close();
        if (flows.size === 0) resolve();
      }),
  };
}

/** RFC 7118 §4.1 and RFC 6455 §4.2; the rest of the handshake is the library's. */
function checkHandshake({ headers }: IncomingMessage, origins: readonly string[] | undefined): string | undefined {
  if (headers['sec-websocket-version'] !== '13') return '426 Upgrade Required';
  const protocols = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim().toLowerCase());
  if (!protocols?.includes('sip')) return '400 Bad Request';
  if (origins && headers.origin !== undefined && !origins.includes(headers.origin)) return '403 Forbidden';
  return undefined;
}

function refuse(socket: Duplex, status: string): void {
  const version = status.startsWith('426') ? 'Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n' : '';
  const text = `SIP over WebSocket needs the sub-protocol sip, version 13, and an origin that is allowed.\n`;
  socket.once('finish', () => socket.destroy());
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\n${version}Content-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
  );
}

/** An HTTP server behind a balancer shows the client's addresses on its sockets. */
function endsOf(socket: Socket & { encrypted?: boolean }) {
  return {
    remote: { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 },
    local: { address: plainAddress(socket.localAddress), port: socket.localPort ?? 0 },
    secure: socket.encrypted === true,
  };
}
