import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ListenerEvents } from './listener.ts';
import { plainAddress } from './proxy-protocol.ts';
import { STREAM_LIMITS, SWEEP_MS } from './stream.ts';
import { StreamFlow, type StreamLimits } from './stream-flow.ts';

export interface ConnectOptions {
  /** An address; names are the caller's to look up. */
  host: string;
  port: number;
  /** Makes it a TLS connection. */
  tls?: ConnectionOptions | undefined;
  on: ListenerEvents;
  /** Where this side listens, for what the other side is to reach later; default: the port of this connection. */
  localPort?: number | undefined;
  limits?: Partial<StreamLimits>;
  /** For the connection and its TLS handshake, ms. */
  timeoutMs: number;
  /** Gives up. */
  signal?: AbortSignal | undefined;
}

/** Opens a connection that carries SIP: a flow like those of a listener, but its other end may be silent. */
export async function connectStream({ host, port, tls, on, ...options }: ConnectOptions): Promise<StreamFlow> {
  const socket = tls ? connectTls({ ...tls, host, port }) : connect({ host, port });
  socket.setNoDelay(true);
  await connected(socket, tls ? 'secureConnect' : 'connect', options.timeoutMs, options.signal);
  const flow = new StreamFlow(
    tls ? 'TLS' : 'TCP',
    socket,
    {
      remote: { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? port },
      local: { address: plainAddress(socket.localAddress), port: options.localPort ?? socket.localPort ?? 0 },
      secure: tls !== undefined,
    },
    { ...STREAM_LIMITS, ...options.limits },
    on,
    true,
  );
  const sweep = setInterval(() => flow.endIfStuck(performance.now()), SWEEP_MS);
  socket.once('close', () => {
    clearInterval(sweep);
    flow.forget();
  });
  return flow;
}

function connected(socket: Socket, event: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.off(event, settle).off('error', fail).off('close', closed);
      if (!error) return resolve();
      socket.on('error', () => {}).destroy();
      reject(error);
    };
    const fail = (error: Error) => settle(error);
    const closed = () => settle(new Error('The connection was closed at once'));
    const abort = () => settle(new Error('The connection is no longer wanted'));
    const timer = setTimeout(() => settle(new ConnectTimeoutError(timeoutMs)), timeoutMs);
    socket
      .once(event, () => settle())
      .once('error', fail)
      .once('close', closed);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  });
}

/** Nobody answered in time. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
  readonly code = 'ETIMEDOUT';

  constructor(timeoutMs: number) {
    super(`No connection within ${timeoutMs} ms`);
  }
}
