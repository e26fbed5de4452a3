import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, readResponse } from './answer.ts';
import { NoAnswerError, type Requester, T1, T2, type Target, TIMER_F } from './requester.ts';

interface Pending {
  bytes: Buffer;
  sentAgain: number;
  timer: NodeJS.Timeout;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Requests over one UDP socket, sent again at Timer E until they are answered. */
export class UdpRequester implements Requester {
  readonly transport = 'UDP';
  readonly local: string;
  readonly #socket: Socket;
  readonly #target: Target;
  readonly #pending = new Map<string, Pending>();
  #branches = 0;
  #retransmissions = 0;

  /** `address` is the one to send from. */
  static async open(target: Target, address = '127.0.0.1'): Promise<UdpRequester> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
    socket.bind(0, address);
    await once(socket, 'listening');
    return new UdpRequester(socket, target);
  }

  constructor(socket: Socket, target: Target) {
    this.#socket = socket;
    this.#target = target;
    const { address, port } = socket.address();
    this.local = `${address}:${port}`;
    socket.on('message', (bytes) => this.#read(bytes.toString('latin1')));
    socket.on('error', () => {}); // what is lost is sent again
  }

  get retransmissions(): number {
    return this.#retransmissions;
  }

  request(make: (via: string) => string): Promise<Answer> {
    this.#branches += 1;
    const branch = `z9hG4bK-${process.pid.toString(36)}-${this.#branches.toString(36)}`;
    const bytes = Buffer.from(make(`SIP/2.0/UDP ${this.local};branch=${branch};rport`));
    return new Promise((resolve, reject) => {
      const pending: Pending = { bytes, sentAgain: 0, timer: this.#sendAgain(branch, T1, 0), resolve, reject };
      this.#pending.set(branch, pending);
      this.#send(bytes);
    });
  }

  close(): void {
    for (const branch of this.#pending.keys()) this.#fail(branch, 'the socket was closed');
    this.#socket.close();
  }

  #send(bytes: Buffer): void {
    this.#socket.send(bytes, this.#target.port, this.#target.address);
  }

  /** Timer E, and Timer F when it has run out. */
  #sendAgain(branch: string, interval: number, waited: number): NodeJS.Timeout {
    return setTimeout(() => {
      const pending = this.#pending.get(branch);
      if (!pending) return;
      if (waited + interval >= TIMER_F) return this.#fail(branch, 'Timer F fired');
      pending.sentAgain += 1;
      this.#retransmissions += 1;
      this.#send(pending.bytes);
      const next = Math.min(2 * interval, T2, TIMER_F - waited - interval);
      pending.timer = this.#sendAgain(branch, next, waited + interval);
    }, interval);
  }

  #read(text: string): void {
    const response = readResponse(text);
    const pending = response && this.#pending.get(response.branch);
    if (!pending || response.status < 200) return;
    clearTimeout(pending.timer);
    this.#pending.delete(response.branch);
    pending.resolve({ status: response.status, text, retransmissions: pending.sentAgain });
  }

  #fail(branch: string, why: string): void {
    const pending = this.#pending.get(branch);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.#pending.delete(branch);
    pending.reject(new NoAnswerError(pending.bytes.toString(), why));
  }
}
