import type { BackEnd } from '@rollcall/back-end';
import type { EventStream } from './event-stream.ts';
import { shownMessage } from './waiting-messages.ts';

/** What one stream has been sent of the messages that wait for its account. */
export interface MessageReader {
  readonly accountId: number;
  /** As it is stored. */
  readonly instance: string;
  readonly stream: EventStream;
  /** The last one that was sent on this stream. */
  after: number;
  /** The next one is being delivered to another endpoint: look again whether it was. */
  held: boolean;
  state: 'idle' | 'queued' | 'reading' | 'again';
}

const PAGE = 20;
/** Streams that are read for at one time. */
const CONCURRENCY = 8;

/**
 * Sends what waits for an account on the streams of its HTTP endpoints: in order, each message once a stream, and never more
 * than one that the client has not read yet. What is not acknowledged comes again when a stream opens.
 */
export class StreamMessages {
  readonly #backEnd: Pick<BackEnd, 'findMessages'>;
  readonly #logOutage: (error: unknown) => void;
  readonly #queue: MessageReader[] = [];
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(backEnd: Pick<BackEnd, 'findMessages'>, logOutage: (error: unknown) => void) {
    this.#backEnd = backEnd;
    this.#logOutage = logOutage;
  }

  /** Looks for messages that this stream has not been sent. */
  wake(reader: MessageReader): void {
    if (reader.state === 'reading') reader.state = 'again';
    if (reader.state !== 'idle') return;
    if (this.#stopped) return;
    reader.state = 'queued';
    this.#queue.push(reader);
    if (this.#running.size >= CONCURRENCY) return;
    const run = this.#run().finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Resolves when the back end is asked nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#queue.length = 0;
    await Promise.all(this.#running);
  }

  async #run(): Promise<void> {
    for (let reader = this.#queue.shift(); reader; reader = this.#queue.shift()) {
      reader.state = 'reading';
      const messages = await this.#find(reader);
      // Its client may read slowly: nobody else waits for that.
      void this.#send(reader, messages);
    }
  }

  async #find({ accountId, instance, after, stream }: MessageReader) {
    if (stream.closed) return [];
    try {
      return await this.#backEnd.findMessages({ accountId, instance, after, limit: PAGE });
    } catch (error) {
      // The next poll tries again.
      this.#logOutage(error);
      return [];
    }
  }

  async #send(reader: MessageReader, messages: Awaited<ReturnType<BackEnd['findMessages']>>): Promise<void> {
    reader.held = false;
    for (const message of messages) {
      reader.held = message.inDelivery;
      if (reader.held) break;
      if (!(await reader.stream.sendMessage(shownMessage(message)))) break;
      reader.after = message.id;
    }
    const more = !reader.held && messages.length === PAGE;
    const again = (reader.state as MessageReader['state']) === 'again' || more;
    reader.state = 'idle';
    if (again && !reader.stream.closed) this.wake(reader);
  }
}
