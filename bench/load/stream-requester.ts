import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { type Answer, readResponse } from './answer.ts';
import { NoAnswerError, type Requester, type Target, TIMER_F } from './requester.ts';

interface Pending {
  request: string;
  timer: NodeJS.Timeout;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Requests over one connection; only for answers without a body. */
export class StreamRequester implements Requester {
  readonly transport: 'TCP' | 'TLS' | 'WS';
  readonly retransmissions = 0;
  readonly local: string;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: Duplex;
  readonly #port: number;
  readonly #pending = new Map<string, Pending>();
  #unread = '';
  #branches = 0;

  /** A TLS server's certificate is not looked at. @param opening what a TCP connection begins with, a PROXY header */
  static async open(
    transport: 'TCP' | 'TLS',
    target: Target,
    from = '127.0.0.1',
    opening?: Buffer,
  ): Promise<StreamRequester> {
    const to = { host: target.address, port: target.port, localAddress: from, noDelay: true };
    const socket = transport === 'TCP' ? connect(to) : connectTls({ ...to, rejectUnauthorized: false });
    await once(socket, transport === 'TCP' ? 'connect' : 'secureConnect');
    if (opening) socket.write(opening);
    return new StreamRequester(transport, socket, { address: from, port: socket.localPort ?? 0 });
  }

  constructor(transport: 'TCP' | 'TLS' | 'WS', socket: Duplex, local: Target) {
    this.transport = transport;
    this.#socket = socket;
    this.#port = local.port;
    this.local = `${local.address}:${local.port}`;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', () => {}); // 'close' follows
    this.closed = once(socket, 'close').then(() => {});
    socket.on('close', () => {
      for (const branch of [...this.#pending.keys()]) this.#fail(branch, 'the connection was closed');
    });
  }

  request(make: (via: string) => string): Promise<Answer> {
    this.#branches += 1;
    const branch = `z9hG4bK-${this.#port}-${this.#branches.toString(36)}`;
    const request = make(`SIP/2.0/${this.transport} ${this.local};branch=${branch}`);
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new NoAnswerError(request, 'the connection was closed'));
      const timer = setTimeout(() => this.#fail(branch, 'Timer F fired'), TIMER_F);
      this.#pending.set(branch, { request, timer, resolve, reject });
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#unread += text;
    for (let end = this.#unread.indexOf('\r\n\r\n'); end >= 0; end = this.#unread.indexOf('\r\n\r\n')) {
      this.#answered(this.#unread.slice(0, end + 4));
      this.#unread = this.#unread.slice(end + 4);
    }
  }

  #answered(text: string): void {
    const response = readResponse(text);
    const pending = response && this.#pending.get(response.branch);
    if (!pending || response.status < 200) return;
    clearTimeout(pending.timer);
    this.#pending.delete(response.branch);
    pending.resolve({ status: response.status, text, retransmissions: 0 });
  }

  #fail(branch: string, why: string): void {
    const pending = this.#pending.get(branch);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.#pending.delete(branch);
    pending.reject(new NoAnswerError(pending.request, why));
  }
}
