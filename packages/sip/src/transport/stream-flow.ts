import type { Socket } from 'node:net';
import { MessageFramer } from '../message/index.ts';
import type { ClientCertificate, Flow } from '../transaction/index.ts';
import type { Address, ListenerEvents } from './listener.ts';
import { type ConnectionEnds, startsWithProxyHeader } from './proxy-protocol.ts';
import { WRITE_BYTES, writeAtTurnEnd } from './turn-end.ts';

const PING = Buffer.from('\r\n\r\n');
const PONG = Buffer.from('\r\n');

export interface StreamLimits {
  /** A message longer than this is answered 513 and ends the connection. */
  messageBytes: number;
  /** Connections at once; the next one is closed at once. */
  connections: number;
  /** How long a connection may take to its first message, and to finish any message that it has begun, ms. */
  messageMs: number;
  /** How long a balancer may take for its PROXY header, ms. */
  proxyHeaderMs: number;
  /** A connection without a byte for that long is closed, ms. */
  idleMs: number;
  /** A reader that leaves more than this unread is closed: it may not hold memory for ever. */
  unreadBytes: number;
}

let opened = 0;

/** A connection of a stream listener, or an outgoing one: its bytes to messages, with limits. */
export class StreamFlow implements Flow {
  readonly id: string;
  readonly transport: 'TCP' | 'TLS';
  readonly reliable = true;
  readonly local: Address;
  readonly remote: Address;
  readonly certificate: ClientCertificate | undefined;
  closed = false;
  readonly #socket: Socket;
  readonly #framer: MessageFramer;
  readonly #limits: StreamLimits;
  readonly #on: ListenerEvents;
  /** When the message that is awaited began; 0 between messages. */
  #awaitedSince = 0;
  #heardAt = performance.now();
  /** Sent in this turn of the event loop, and not yet written. */
  #unwritten: Buffer[] = [];
  #unwrittenBytes = 0;

  /** @param mayBeSilent the other end need not begin with a message */
  constructor(
    transport: 'TCP' | 'TLS',
    socket: Socket,
    ends: ConnectionEnds,
    limits: StreamLimits,
    on: ListenerEvents,
    mayBeSilent = false,
  ) {
    opened += 1;
    this.transport = transport;
    this.id = `${transport.toLowerCase()}:${opened}`;
    this.local = ends.local;
    this.remote = ends.remote;
    this.certificate = ends.certificate;
    this.#socket = socket;
    this.#limits = limits;
    this.#on = on;
    if (!mayBeSilent) this.#awaitedSince = this.#heardAt;
    this.#framer = new MessageFramer({ messageBytes: limits.messageBytes });
    socket.on('error', () => this.close());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    on.opened?.(this);
  }

  /** When the last byte came, on the clock of `performance.now`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Half a message may not hold its memory, nor a silent connection its descriptor, for ever. */
  endIfStuck(now: number): void {
    const stuck = this.#awaitedSince > 0 && now - this.#awaitedSince > this.#limits.messageMs;
    if (!stuck && now - this.#heardAt <= this.#limits.idleMs) return;
    this.#on.dropped?.('silent-connection');
    this.close();
  }

  #read(chunk: Buffer): void {
    this.#heardAt = performance.now();
    if (this.#awaitedSince > 0 && this.#framer.held === 0 && startsWithProxyHeader(chunk)) {
      // From somebody who is no balancer of ours: it would be believed for another.
      this.#on.dropped?.('proxy');
      this.close();
      return;
    }
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
          this.#on.pong?.(this);
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
    if (this.#framer.held > 0 && this.#awaitedSince === 0) this.#awaitedSince = this.#heardAt;
  }

  /**
   * What is sent in one turn of the event loop leaves in one write: each write of a socket costs more than the rest of a
   * message's way.
   */
  send(bytes: Buffer): void {
    if (this.closed) return;
    if (this.#unwritten.length === 0) writeAtTurnEnd(this);
    this.#unwritten.push(bytes);
    this.#unwrittenBytes += bytes.length;
    if (this.#unwrittenBytes >= WRITE_BYTES) this.write();
  }

  /** RFC 5626 §3.5.1: asks the other end for a sign of life. */
  ping(): void {
    this.send(PING);
  }

  /** Writes what was sent in this turn. */
  write(): void {
    const buffers = this.#unwritten;
    if (buffers.length === 0) return;
    const bytes = buffers.length === 1 ? buffers[0]! : Buffer.concat(buffers, this.#unwrittenBytes);
    this.#unwritten = [];
    this.#unwrittenBytes = 0;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > this.#limits.unreadBytes) {
      this.#on.dropped?.('slow-reader');
      this.cutOff();
    }
  }

  /** Sends what is queued, then closes; a peer that does not close its side is cut off. */
  close(): void {
    if (this.closed) return;
    this.write();
    if (this.closed) return;
    this.closed = true;
    this.#socket.removeAllListeners('data');
    this.#socket.resume();
    this.#socket.setTimeout(2000, () => this.#socket.destroy());
    this.#socket.end();
  }

  /** Closes at once, with what is queued. */
  cutOff(): void {
    this.closed = true;
    this.#unwritten = [];
    this.#socket.destroy();
  }

  /** The socket is gone. */
  forget(): void {
    this.closed = true;
    this.#on.closed?.(this);
  }
}
