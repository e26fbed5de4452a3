import type { Log } from '@rollcall/process';
import { type ConnectOptions, connectStream, type Flow, type ListenerEvents, type StreamFlow } from '@rollcall/sip';

/** A front end that is alive accepts a connection and answers the first keep-alive in this time, ms. */
const CONNECT_MS = 1000;
/** Requests that come this soon after an attempt failed fail with it, ms. */
const RETRY_MS = 500;
/** Keep-alives without an answer after which a connection is closed; one goes out a tick. */
const MISSES = 3;
/** What may wait to be read by a front end: some seconds of messages. */
const UNREAD_BYTES = 8 << 20;

export type PeerFailure = 'refused' | 'no-answer' | 'hung' | 'lost' | 'unknown';

export interface PeerOptions {
  id: number;
  address: { host: string; port: number };
  tls: ConnectOptions['tls'];
  /** Gets what comes on the connection. */
  on: ListenerEvents;
  failed(why: PeerFailure): void;
  log: Log;
}

/** The one connection to another front end: opened at first use, kept, watched by keep-alives, opened again. */
export class Peer {
  readonly #options: PeerOptions;
  #flow: StreamFlow | undefined;
  #connecting: Promise<Flow> | undefined;
  #failure: { error: Error; until: number } | undefined;
  #misses = 0;
  #heardAt = 0;
  #stopped = new AbortController();

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  /** The open connection. */
  get flow(): Flow | undefined {
    return this.#flow?.closed ? undefined : this.#flow;
  }

  /** The open connection, or a new one. Rejects within a second when nobody answers. */
  connect(): Promise<Flow> {
    const open = this.flow;
    if (open) return Promise.resolve(open);
    if (this.#failure && performance.now() < this.#failure.until) return Promise.reject(this.#failure.error);
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** To be called every second: closes the connection when three keep-alives got no answer. */
  check(): void {
    const flow = this.#flow;
    if (!flow) return;
    // Counted in ticks and not in time: after a stall of this process there is one tick, however long it was.
    if (flow.heardAt === this.#heardAt) this.#misses += 1;
    else this.#misses = 0;
    this.#heardAt = flow.heardAt;
    if (this.#misses < MISSES) flow.ping();
    else {
      this.#fail('hung', new Error('It does not answer any more'));
      flow.cutOff();
    }
  }

  close(): void {
    this.#stopped.abort();
    this.#flow?.close();
  }

  async #open(): Promise<Flow> {
    const { address, tls, on } = this.#options;
    const answered = Promise.withResolvers<void>();
    const lost = (flow: Flow) => {
      answered.reject(new Error('The connection was closed at once'));
      if (this.#flow === flow) this.#lost();
      on.closed?.(flow);
    };
    const events: ListenerEvents = {
      message: (bytes, flow) => on.message(bytes, flow),
      broken: (frame, flow) => on.broken(frame, flow),
      dropped: (reason) => on.dropped?.(reason),
      opened: (flow) => on.opened?.(flow),
      closed: lost,
      pong: () => answered.resolve(),
    };
    const begun = performance.now();
    try {
      const limits = { unreadBytes: UNREAD_BYTES };
      const flow = await connectStream({
        ...address,
        ...{ tls, on: events, limits, timeoutMs: CONNECT_MS, signal: this.#stopped.signal },
      });
      flow.ping();
      // The kernel accepts connections for a process that hangs, and TLS may still refuse our certificate.
      await within(answered.promise, CONNECT_MS - (performance.now() - begun)).catch((error) => {
        flow.cutOff();
        throw error;
      });
      return this.#opened(flow);
    } catch (error) {
      const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      this.#fail(refused ? 'refused' : 'no-answer', error as Error);
      throw error;
    }
  }

  #opened(flow: StreamFlow): Flow {
    if (this.#stopped.signal.aborted) flow.close();
    const { id, address, log } = this.#options;
    if (this.#failure) log.info({ id, address }, 'connected to another front end again');
    this.#failure = undefined;
    this.#flow = flow;
    this.#misses = 0;
    this.#heardAt = flow.heardAt;
    return flow;
  }

  #lost(): void {
    this.#flow = undefined;
    if (this.#stopped.signal.aborted || this.#misses >= MISSES) return;
    this.#options.failed('lost');
  }

  #fail(why: PeerFailure, cause: Error): void {
    if (this.#stopped.signal.aborted) return;
    const { id, address, log, failed } = this.#options;
    const error = new PeerUnreachableError(id, { cause });
    if (!this.#failure) log.warn({ id, address, why, err: cause }, 'another front end cannot be reached');
    this.#failure = { error, until: performance.now() + RETRY_MS };
    failed(why);
  }
}

/** A front end of the pool cannot be reached now, so neither can the connections that it holds. */
export class PeerUnreachableError extends Error {
  override readonly name = 'PeerUnreachableError';

  constructor(id: number, options?: ErrorOptions) {
    super(`Front end ${id} cannot be reached`, options);
  }
}

function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('No answer in time')), Math.max(milliseconds, 1));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
