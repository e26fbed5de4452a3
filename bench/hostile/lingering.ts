import { connect, type Socket } from 'node:net';
import type { Target } from '../load/requester.ts';
import { GOOD_BALANCER, proxyHeader } from './proxy-headers.ts';
import { frame, HANDSHAKE } from './web-socket-frames.ts';

/** What a reader who never reads asks for: more than 1 KB each, in all more than the buffers of both kernels hold. */
const UNREAD_ANSWERS = 20_000;

const OPTIONS = optionsRequest('linger', 'linger');

function optionsRequest(branch: string, callId: string): Buffer {
  const lines = [
    'OPTIONS sip:127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bK${branch}`,
    'Max-Forwards: 70',
    'From: <sip:linger@127.0.0.1>;tag=1',
    'To: <sip:127.0.0.1>',
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ];
  return Buffer.from(lines.join('\r\n'));
}

const KINDS = [
  'silent',
  'half a message',
  'a byte a second',
  'half a TLS hello',
  'half a WebSocket message',
  'half a PROXY header',
] as const;
type Kind = (typeof KINDS)[number] | 'never reads';

type Targets = Record<'tcp' | 'tls' | 'http', Target>;

/** An empty ping of a server, and the pong that keeps a client alive. */
const [PING, PONG] = [Buffer.from('8900', 'hex'), Buffer.from('8a8000000000', 'hex')];

/** Connections that hold on to the server without being of use; each that the server ends is opened again. */
export class Lingering {
  readonly #targets: Targets;
  readonly #hello: Buffer;
  readonly #sockets = new Map<Socket, Kind>();
  readonly #trickle: NodeJS.Timeout;
  readonly #ended = new Map<Kind, number>();
  #stopped = false;
  #byte = 0;

  /** @param each connections of each kind; of those that never read there is one, since each costs megabytes */
  constructor(targets: Targets, hello: Buffer, each: number) {
    this.#targets = targets;
    this.#hello = hello;
    for (let left = each; left > 0; left--) {
      for (const kind of KINDS) this.#open(kind);
    }
    if (each > 0) this.#open('never reads');
    this.#trickle = setInterval(() => {
      this.#byte = (this.#byte + 1) % (OPTIONS.length - 1);
      for (const [socket, kind] of this.#sockets) {
        if (kind === 'a byte a second') socket.write(OPTIONS.subarray(this.#byte, this.#byte + 1));
      }
    }, 1000);
  }

  /** How many the server has ended, so far. */
  get ended(): Record<string, number> {
    return Object.fromEntries(this.#ended);
  }

  close(): void {
    this.#stopped = true;
    clearInterval(this.#trickle);
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  #open(kind: Kind): void {
    const { address, port } = this.#targetOf(kind);
    const localAddress = kind === 'half a PROXY header' ? GOOD_BALANCER : '127.0.3.1';
    const socket = connect({ host: address, port, localAddress });
    this.#sockets.set(socket, kind);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (this.#stopped) return;
      this.#ended.set(kind, (this.#ended.get(kind) ?? 0) + 1);
      setTimeout(() => this.#stopped || this.#open(kind), 1000).unref();
    });
    if (kind === 'half a message') socket.write(OPTIONS.subarray(0, 150));
    if (kind === 'half a TLS hello') socket.write(this.#hello.subarray(0, 60));
    if (kind === 'half a PROXY header') socket.write(proxyHeader('198.51.100.78').subarray(0, 20));
    if (kind === 'half a WebSocket message') {
      socket.write(Buffer.concat([HANDSHAKE, frame(1, OPTIONS), frame(1, Buffer.alloc(60_000, 'x'), { fin: false })]));
      socket.on('data', (chunk: Buffer) => {
        if (chunk.includes(PING)) socket.write(PONG);
      });
    }
    if (kind !== 'never reads') {
      socket.resume();
      return;
    }
    const callId = 'x'.repeat(1000);
    for (let count = 0; count < UNREAD_ANSWERS; count++) socket.write(optionsRequest(`unread${count}`, callId));
  }

  #targetOf(kind: Kind): Target {
    if (kind === 'half a TLS hello') return this.#targets.tls;
    return kind === 'half a WebSocket message' ? this.#targets.http : this.#targets.tcp;
  }
}
