import type { Writable } from 'node:stream';
import type { EndpointEvent } from '@rollcall/back-end';
import type { ShownMessage } from './waiting-messages.ts';

/** A client that reads nothing is let go when so much waits for it, bytes. */
export const STREAM_BUFFER = 64 * 1024;

/** A client that has not read a message or presences for so long is let go too, ms. */
const MESSAGE_MS = 60_000;

/** How long a client waits before it connects again, ms: told to it at the beginning. */
const RETRY_MS = 2000;

/** An event without `id:`. */
export interface Told {
  event: string;
  data: object;
}

/** One open stream of Server-Sent Events (WHATWG HTML §9.2). */
export class EventStream {
  readonly #out: Writable;
  readonly #onSlow: () => void;
  /** Bytes of a message that the client has not read, which may be more than the bound. */
  #unread = 0;

  constructor(out: Writable, onSlow: () => void) {
    this.#out = out;
    this.#onSlow = onSlow;
    this.#write(`retry: ${RETRY_MS}\n\n`);
  }

  send({ id, event, reason, occurredAt }: EndpointEvent, instance: string): void {
    const data = JSON.stringify({ instance, ...(reason && { reason }), at: occurredAt.toISOString() });
    this.#write(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`);
  }

  get closed(): boolean {
    return this.#out.destroyed || this.#out.writableEnded;
  }

  /** Sends a message. It has no `id:`: what a stream goes on after are its events. */
  sendMessage(message: ShownMessage): Promise<boolean> {
    return this.#deliver(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  sendAll(told: readonly Told[]): Promise<boolean> {
    return this.#deliver(told.map(({ event, data }) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(''));
  }

  /**
   * Sends what may be much; resolves when the client's side of the connection has it, or the stream is at its end, which is
   * false. One at a time.
   */
  #deliver(text: string): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    this.#unread = Buffer.byteLength(text);
    return new Promise((resolve) => {
      const end = (sent: boolean) => {
        clearTimeout(slow);
        this.#unread = 0;
        this.#out.off('close', closed);
        resolve(sent);
      };
      const closed = () => end(false);
      const slow = setTimeout(() => this.#letGo(), MESSAGE_MS);
      this.#out.once('close', closed);
      this.#out.write(text, (error) => end(!error));
    });
  }

  /** Keeps proxies from closing it, and finds out that the client is gone. */
  heartbeat(): void {
    this.#write(':\n\n');
  }

  end(): void {
    this.#out.end();
  }

  #write(text: string): void {
    if (this.closed) return;
    this.#out.write(text);
    if (this.#out.writableLength - this.#unread > STREAM_BUFFER) this.#letGo();
  }

  #letGo(): void {
    this.#out.destroy();
    this.#onSlow();
  }
}
