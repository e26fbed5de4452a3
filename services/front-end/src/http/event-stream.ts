import type { Writable } from 'node:stream';
import type { EndpointEvent } from '@rollcall/back-end';

/** A client that reads nothing is let go when so much waits for it, bytes. */
export const STREAM_BUFFER = 64 * 1024;

/** How long a client waits before it connects again, ms: told to it at the beginning. */
const RETRY_MS = 2000;

/** One open stream of Server-Sent Events (WHATWG HTML §9.2). */
export class EventStream {
  readonly #out: Writable;
  readonly #onSlow: () => void;

  constructor(out: Writable, onSlow: () => void) {
    this.#out = out;
    this.#onSlow = onSlow;
    this.#write(`retry: ${RETRY_MS}\n\n`);
  }

  send({ id, event, reason, occurredAt }: EndpointEvent, instance: string): void {
    const data = JSON.stringify({ instance, ...(reason && { reason }), at: occurredAt.toISOString() });
    this.#write(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`);
  }

  /** Keeps proxies from closing it, and finds out that the client is gone. */
  heartbeat(): void {
    this.#write(':\n\n');
  }

  end(): void {
    this.#out.end();
  }

  #write(text: string): void {
    if (this.#out.destroyed || this.#out.writableEnded) return;
    this.#out.write(text);
    if (this.#out.writableLength <= STREAM_BUFFER) return;
    this.#out.destroy();
    this.#onSlow();
  }
}
