import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Flow } from '../transaction/index.ts';
import type { Address, ListenerEvents } from './listener.ts';
import type { ConnectionEnds } from './proxy-protocol.ts';
import { WRITE_BYTES, writeAtTurnEnd } from './turn-end.ts';
import { WebSocketFraming } from './websocket-framing.ts';

const PONG = Buffer.from('\r\n');

export interface WebSocketLimits {
  /** A message longer than this ends the connection, with WebSocket's status 1009. */
  messageBytes: number;
  /** Connections at once; the next handshake is answered 503. */
  connections: number;
  /** How long a connection may take to its first message, and to finish any message that it has begun, ms. */
  messageMs: number;
  /** A connection without a SIP message or a CRLF keep-alive for that long is closed, ms. */
  idleMs: number;
  /** How often a ping is sent; a client that has not answered by the next one is gone, ms. */
  pingMs: number;
  /** A reader that leaves more than this unread is closed: it may not hold memory for ever. */
  unreadBytes: number;
}

let opened = 0;

/** A WebSocket that speaks SIP (RFC 7118): one message a frame. */
export class WebSocketFlow implements Flow {
  readonly id: string;
  readonly transport: 'WS' | 'WSS';
  readonly reliable = true;
  readonly local: Address;
  readonly remote: Address;
  closed = false;
  readonly #socket: WebSocket;
  readonly #connection: Socket;
  /** Sends wait for the end of this turn. */
  #corked = false;
  readonly #limits: WebSocketLimits;
  readonly #on: ListenerEvents;
  readonly #framing = new WebSocketFraming();
  /** A client that sends binary frames gets such; others get text, which browsers read more easily. */
  #binary = false;
  #greeted = false;
  #lastMessage = performance.now();
  #pingedAt = this.#lastMessage;
  #alive = true;

  /** @param connection that `socket` reads from */
  constructor(
    socket: WebSocket,
    connection: Socket,
    ends: ConnectionEnds,
    limits: WebSocketLimits,
    on: ListenerEvents,
  ) {
    opened += 1;
    this.transport = ends.secure ? 'WSS' : 'WS';
    this.id = `ws:${opened}`;
    this.local = ends.local;
    this.remote = ends.remote;
    this.#socket = socket;
    this.#connection = connection;
    this.#limits = limits;
    this.#on = on;
    connection.on('data', (chunk: Buffer) => this.#framing.read(chunk, performance.now()));
    socket.on('message', (bytes, binary) => this.#read(bytes as Buffer, binary));
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('error', (error: Error & { code?: string }) => {
      on.dropped?.(error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'too-large' : 'websocket-frame');
    });
    on.opened?.(this);
  }

  /** Pings, and ends a connection that says nothing or never the end of it, or whose client is gone without a word. */
  check(now: number): void {
    if (this.closed) return;
    const { idleMs, messageMs, pingMs } = this.#limits;
    const pingDue = now - this.#pingedAt >= pingMs;
    const silent = now - this.#lastMessage > (this.#greeted ? idleMs : messageMs);
    // Half a message holds its memory for as long as pongs come between its fragments.
    const { unfinishedSince } = this.#framing;
    const stuck = unfinishedSince > 0 && now - unfinishedSince > messageMs;
    if (silent || stuck || (pingDue && !this.#alive)) {
      this.#on.dropped?.('silent-connection');
      this.#cutOff();
    } else if (pingDue) {
      this.#pingedAt = now;
      this.#alive = false;
      this.#socket.ping();
    }
  }

  #read(bytes: Buffer, binary: boolean): void {
    if (this.closed) return;
    this.#lastMessage = performance.now();
    this.#alive = true;
    this.#binary = binary;
    if (isLineEnds(bytes)) {
      // RFC 7118 §6, RFC 5626 §3.5.1: a double CRLF is answered with one, a single one is such an answer.
      this.#on.dropped?.('keep-alive');
      if (bytes.length >= 4) this.send(PONG);
      return;
    }
    this.#greeted = true;
    this.#on.message(bytes, this);
  }

  send(bytes: Buffer): void {
    if (this.closed) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#connection.cork();
      writeAtTurnEnd(this);
    }
    // RFC 7118 §5.1: a text frame has to be UTF-8, and a SIP body need not be.
    this.#socket.send(bytes, { binary: this.#binary || !isUtf8(bytes) });
    if (this.#connection.writableLength >= WRITE_BYTES) this.write();
    if (this.#socket.bufferedAmount > this.#limits.unreadBytes) {
      this.#on.dropped?.('slow-reader');
      this.#cutOff();
    }
  }

  /** Writes what was sent in this turn. */
  write(): void {
    this.#corked = false;
    this.#connection.uncork();
  }

  /** Sends what is queued, then closes; a peer that does not answer the closing handshake is cut off. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#socket.close(1001);
  }

  #cutOff(): void {
    this.closed = true;
    this.#socket.terminate();
  }

  /** The socket is gone. */
  forget(): void {
    this.closed = true;
    this.#on.closed?.(this);
  }
}

function isLineEnds(bytes: Buffer): boolean {
  return bytes.length <= 4 && bytes.every((byte) => byte === 13 || byte === 10);
}
