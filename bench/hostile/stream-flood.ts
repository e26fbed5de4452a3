import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Target } from '../load/requester.ts';
import { Random } from './random.ts';
import type { Statuses } from './statuses.ts';

export interface StreamFloodOptions {
  target: Target;
  tls: boolean;
  /** Connections at once. */
  connections: number;
  /** Of all messages, after how many the connection ends. */
  endShare: number;
  /** Where connections come from: 127.0.N.1 to 127.0.N.60. Default 127.0.2. */
  network?: string;
  /** What each connection begins with. */
  opening?: Buffer;
  statuses: Statuses;
}

/** Messages over many connections that come from several addresses and end in every way that connections do. */
export class StreamFlood {
  readonly #options: StreamFloodOptions;
  readonly #slots: (Socket | undefined)[];
  #opened = 0;

  constructor(options: StreamFloodOptions) {
    this.#options = options;
    this.#slots = new Array(options.connections);
  }

  /** Connections that were opened, so far. */
  get opened(): number {
    return this.#opened;
  }

  /** What becomes of the connection follows from `seed` and `index`, as the message does. */
  send(bytes: Buffer, seed: number, index: number): void {
    const random = Random.of(~seed, index);
    const slot = random.below(this.#slots.length);
    const socket = this.#slots[slot] ?? this.#open(slot);
    let sent = 0;
    for (let pieces = random.chance(0.2) ? random.below(5) : 0; pieces > 0; pieces--) {
      const end = sent + random.below(bytes.length - sent + 1);
      socket.write(bytes.subarray(sent, end));
      sent = end;
    }
    socket.write(bytes.subarray(sent));
    if (!random.chance(this.#options.endShare)) return;
    this.#slots[slot] = undefined;
    if (random.chance(0.4)) socket.end();
    else if (this.#options.tls || random.chance(0.5)) socket.destroy();
    else socket.resetAndDestroy();
  }

  /** Resolves when the kernel has taken everything, or after a while: some connections are stuck on purpose. */
  async drained(): Promise<void> {
    for (let waited = 0; waited < 100 && this.#slots.some((socket) => socket && socket.writableLength > 0); waited++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    for (const socket of this.#slots) if (socket && socket.writableLength > 0) socket.destroy();
  }

  close(): void {
    for (const socket of this.#slots) socket?.destroy();
  }

  #open(slot: number): Socket {
    const { target, tls, statuses, network = '127.0.2', opening } = this.#options;
    this.#opened += 1;
    const to = {
      host: target.address,
      port: target.port,
      localAddress: `${network}.${1 + (slot % 60)}`,
      noDelay: true,
    };
    const socket = tls ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to);
    if (opening) socket.write(opening);
    let tail = '';
    socket.on('data', (chunk: Buffer) => {
      tail = statuses.count(tail + chunk.toString('latin1'));
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => {
      if (this.#slots[slot] === socket) this.#slots[slot] = undefined;
    });
    this.#slots[slot] = socket;
    return socket;
  }
}
