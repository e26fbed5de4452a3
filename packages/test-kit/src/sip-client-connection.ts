import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { SipAnswer } from './sip-client-answer.ts';
import { Inbox } from './sip-client-inbox.ts';
import type { SipReceived } from './sip-client-received.ts';
import { openWebSocket } from './sip-client-web-socket.ts';

export type SipTransport = 'UDP' | 'TCP' | 'TLS' | 'WS';

/** A client's socket, and what came on it. */
export interface SipConnection {
  readonly transport: SipTransport;
  readonly local: { address: string; port: number };
  /** Empty lines between messages: answers to keep-alives (RFC 5626 §3.5.1). */
  readonly pongs: number;
  /** The certificate that a TLS server showed, as 'AB:CD:…' SHA-256. */
  readonly fingerprint: string | undefined;
  /** @param to `host:port`, over UDP: another one than its server's */
  send(message: string | Buffer, to?: string): void;
  /** The oldest answer that matches and that nobody has taken; waits for it. @throws after `ms` with what came instead */
  next(matches?: (answer: SipAnswer) => boolean, ms?: number): Promise<SipAnswer>;
  /** What comes within `ms`, taken. */
  collect(ms: number): Promise<SipAnswer[]>;
  /** The oldest request that matches and that nobody has taken; waits for it. @throws after `ms` with what came instead */
  nextRequest(matches?: (request: SipReceived) => boolean, ms?: number): Promise<SipReceived>;
  /** The requests that nobody has taken, taken now. */
  takeRequests(): SipReceived[];
  /** Takes each request from now on, those that wait first; `nextRequest` sees none of them. */
  onRequest(take: (request: SipReceived) => void): void;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export interface SipConnectionOptions {
  transport?: SipTransport;
  /** `host:port` of the server. */
  to: string;
  /** Source address, e.g. 127.0.0.2 for a client that seems to be another machine. */
  from?: string;
  /** What a client over TLS shows when it is asked (PEM). */
  certificate?: { cert: string; key: string };
}

export async function openSipConnection(options: SipConnectionOptions): Promise<SipConnection> {
  const { transport = 'UDP', to, from, certificate } = options;
  const [host, port] = splitAddress(to);
  if (transport === 'WS') return openWebSocket(to, from);
  return transport === 'UDP' ? openDatagrams(host, port, from) : openStream(transport, host, port, from, certificate);
}

function splitAddress(address: string): [host: string, port: number] {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at).replace(/^\[|\]$/g, ''), Number(address.slice(at + 1))];
}

async function openDatagrams(host: string, port: number, from?: string): Promise<SipConnection> {
  const inbox = new Inbox();
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (bytes) => inbox.put(bytes.toString()));
  socket.on('error', () => {});
  socket.bind(0, from ?? (host.includes(':') ? '::1' : '127.0.0.1'));
  await once(socket, 'listening');
  const ended = once(socket, 'close').then(() => {});
  let closed = false;
  return {
    transport: 'UDP',
    local: socket.address(),
    pongs: 0,
    fingerprint: undefined,
    send(message, elsewhere) {
      const [otherHost, otherPort] = elsewhere ? splitAddress(elsewhere) : [host, port];
      socket.send(message, otherPort, otherHost);
    },
    ...inbox.reading,
    ended,
    close: () => {
      if (!closed) socket.close();
      closed = true;
      return ended;
    },
  };
}

async function openStream(
  transport: 'TCP' | 'TLS',
  host: string,
  port: number,
  from?: string,
  certificate?: SipConnectionOptions['certificate'],
): Promise<SipConnection> {
  const inbox = new Inbox();
  const plain = connect({ host, port, noDelay: true, ...(from && { localAddress: from }) });
  const socket: Socket =
    transport === 'TLS' ? connectTls({ socket: plain, rejectUnauthorized: false, ...certificate }) : plain;
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, transport === 'TLS' ? 'secureConnect' : 'connect');
  socket.on('error', () => {});
  let pongs = 0;
  let held = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      while (held.subarray(0, 2).toString() === '\r\n') {
        held = held.subarray(2);
        pongs += 1;
      }
      const headEnd = held.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = /\r\n(?:Content-Length|l) *: *(\d+)/i.exec(held.toString('latin1', 0, headEnd + 2))?.[1];
      const end = headEnd + 4 + Number(length);
      if (held.length < end) return;
      inbox.put(held.toString('utf8', 0, end));
      held = held.subarray(end);
    }
  });
  return {
    transport,
    local: { address: plain.localAddress ?? '', port: plain.localPort ?? 0 },
    get pongs() {
      return pongs;
    },
    fingerprint: transport === 'TLS' ? (socket as TLSSocket).getPeerCertificate().fingerprint256 : undefined,
    send: (message) => void socket.write(message),
    ...inbox.reading,
    ended,
    close: () => {
      socket.destroy();
      return ended;
    },
  };
}
