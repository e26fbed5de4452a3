import { randomBytes } from 'node:crypto';
import type { Bus, Keys, Topic } from './bus.ts';
import { decodeMessage, encodeMessages } from './message.ts';

/** One connection to the server that carries the messages. It is never mended: when it breaks another one is opened. */
export interface Link {
  /** What a message may be long at most. */
  readonly messageBytes: number;
  send(messages: readonly string[]): Promise<void>;
  /** Rejects when the server does not answer any more. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface LinkEvents {
  message(text: string): void;
  /** It broke; called any number of times. */
  ended(error?: Error): void;
}

export interface MessageBusOptions {
  /** Resolves when it receives; rejects within a few seconds when it cannot. */
  open(events: LinkEvents): Promise<Link>;
  /** Told when the server goes away, once for each time, and when it is back. */
  onChange?(connected: boolean, error?: unknown): void;
  /** How often the server is asked whether it still answers, ms. */
  checkMs?: number;
}

/** Keys of one topic that wait; past it the others are told to ask the back end for everything. */
const MAXIMUM_WAITING = 10_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 3000;
const CHECK_MS = 10_000;
const CLOSE_MS = 2000;

/** A bus over any server that can carry texts to all who listen: batches, reconnects, and tells its own process itself. */
export class MessageBus implements Bus {
  readonly #options: MessageBusOptions;
  readonly #name = randomBytes(6).toString('base64url');
  readonly #handlers = new Map<Topic, Set<(keys: Keys) => void>>();
  /** What is to be sent; undefined stands for everything. */
  #waiting = new Map<Topic, Set<string> | undefined>();
  #link: Link | undefined;
  #attempt = 0;
  #sending: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #check: NodeJS.Timeout | undefined;
  #away = false;
  #closed = false;

  constructor(options: MessageBusOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#link !== undefined;
  }

  publish(topic: Topic, keys: readonly string[]): void {
    if (keys.length === 0 || this.#closed) return;
    // Its own process hears of it also while the server is away.
    queueMicrotask(() => this.#deliver(topic, keys));
    this.#wait(topic, keys);
    this.#send();
  }

  subscribe(topic: Topic, handler: (keys: Keys) => void): () => void {
    const handlers = this.#handlers.get(topic) ?? new Set();
    this.#handlers.set(topic, handlers);
    handlers.add(handler);
    return () => handlers.delete(handler);
  }

  async start(): Promise<void> {
    this.#check = setInterval(
      () => void this.#link?.check().catch((error) => this.#lose(error)),
      this.#options.checkMs ?? CHECK_MS,
    );
    this.#check.unref();
    await this.#connect(FIRST_RETRY_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#check);
    clearTimeout(this.#retry);
    const link = this.#link;
    if (!link) return;
    const limit = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
    await Promise.race([this.#send(), limit]);
    this.#link = undefined;
    await Promise.race([link.close().catch(() => {}), limit]);
  }

  async #connect(retryMs: number): Promise<void> {
    this.#attempt += 1;
    const attempt = this.#attempt;
    let broke: Error | undefined;
    try {
      const link = await this.#options.open({
        message: (text) => this.#receive(text),
        ended: (error = new Error('the connection ended')) => {
          broke = error;
          if (attempt === this.#attempt && this.#link) this.#lose(error);
        },
      });
      if (this.#closed || broke) void link.close().catch(() => {});
      if (this.#closed) return;
      if (broke) throw broke;
      this.#link = link;
    } catch (error) {
      this.#reconnect(retryMs, error);
      return;
    }
    if (this.#away) this.#options.onChange?.(true);
    this.#away = false;
    // Whatever was said before has not been heard.
    for (const topic of this.#handlers.keys()) this.#deliver(topic, undefined);
    void this.#send();
  }

  #lose(error: unknown): void {
    const link = this.#link;
    if (!link) return;
    this.#link = undefined;
    void link.close().catch(() => {});
    this.#reconnect(0, error);
  }

  /** With a wait that doubles, and a random part: the front ends of a pool lose their server at the same time. */
  #reconnect(waitMs: number, error: unknown): void {
    if (this.#closed) return;
    if (!this.#away) this.#options.onChange?.(false, error);
    this.#away = true;
    const next = Math.min(LAST_RETRY_MS, Math.max(FIRST_RETRY_MS, 2 * waitMs));
    this.#retry = setTimeout(() => void this.#connect(next), waitMs * (0.5 + Math.random() / 2));
  }

  #receive(text: string): void {
    const message = decodeMessage(text);
    if (message && message.sender !== this.#name) this.#deliver(message.topic, message.keys);
  }

  #deliver(topic: Topic, keys: Keys): void {
    for (const handler of this.#handlers.get(topic) ?? []) handler(keys);
  }

  #wait(topic: Topic, keys: Keys): void {
    const waiting = this.#waiting.has(topic) ? this.#waiting.get(topic) : new Set<string>();
    for (const key of keys ?? []) waiting?.add(key);
    this.#waiting.set(topic, keys && waiting && waiting.size <= MAXIMUM_WAITING ? waiting : undefined);
  }

  /** What was published in this turn of the event loop, or while the last was under way, leaves together. */
  #send(): Promise<void> {
    if (!this.#link) return Promise.resolve();
    this.#sending ??= new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#sendAll())
      .finally(() => {
        this.#sending = undefined;
      });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#link && this.#waiting.size > 0) {
      const link = this.#link;
      const taken = this.#waiting;
      this.#waiting = new Map();
      const messages = [...taken].flatMap(([topic, keys]) =>
        encodeMessages({ topic, sender: this.#name, keys: keys && [...keys] }, link.messageBytes),
      );
      try {
        await link.send(messages);
      } catch (error) {
        // Once more, over the next connection: twice is no harm.
        for (const [topic, keys] of taken) this.#wait(topic, keys && [...keys]);
        if (this.#link === link) this.#lose(error);
      }
    }
  }
}
