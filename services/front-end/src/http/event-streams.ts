import type { ServerResponse } from 'node:http';
import {
  type BackEnd,
  type Bus,
  type EndpointEvents,
  endpointKey,
  type FindEndpointEventsRequest,
  type Keys,
} from '@rollcall/back-end';
import type { FrontEndMetrics } from '../metrics.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { tokenInvalid } from './authorize.ts';
import { EventStream } from './event-stream.ts';
import { endpointUnknown } from './find-endpoints.ts';
import { shownInstance } from './instance.ts';
import { unavailable } from './problem.ts';
import { StreamIndex } from './stream-index.ts';
import { type MessageReader, StreamMessages } from './stream-messages.ts';
import { StreamPlaces } from './stream-places.ts';

export interface EventStreamsOptions {
  backEnd: Pick<BackEnd, 'findEndpointEvents' | 'findMessages'>;
  bus: Bus;
  metrics: Pick<FrontEndMetrics, 'streamDropped'>;
  logOutage(error: unknown): void;
  /** ms; default 5,000 and 15,000. */
  pollInterval?: number;
  heartbeatInterval?: number;
}

export interface OpenStreamRequest {
  holder: TokenHolder;
  /** As it is stored. */
  instance: string;
  /** Last-Event-ID. */
  after: number | undefined;
}

interface Followed {
  readonly request: FindEndpointEventsRequest;
  readonly account: string;
  readonly stream: EventStream;
  readonly messages: MessageReader;
  after: number;
  /** Its endpoint is registered, as far as the stream has said: messages are for those that are. */
  registered: boolean;
  /** Messages are to be looked for, when the back end has said that the session is open. */
  wantsMessages: boolean;
}

const BATCH = 500;

/** Every so many polls messages are looked for whether or not the bus has said that there are any. */
const MESSAGE_POLLS = 6;

/** A page of events that may not be the last (api.find_endpoint_events). */
const FULL_PAGE = 100;

/**
 * The event streams of one front end. What is new is read from the back end, for many streams in one call: those that the
 * bus names at once, all of them every few seconds.
 */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #streams = new StreamIndex<Followed>();
  readonly #places = new StreamPlaces();
  readonly #due = new Set<Followed>();
  #stopped = false;
  #reading: Promise<void> | undefined;
  readonly #enders: (() => void)[] = [];
  readonly #messages: StreamMessages;
  #polls = 0;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#messages = new StreamMessages(options.backEnd, (error) => options.logOutage(error));
  }

  get size(): number {
    return this.#places.taken;
  }

  start(): void {
    const { bus, pollInterval = 5000, heartbeatInterval = 15_000 } = this.#options;
    const poll = setInterval(() => this.#poll(), pollInterval);
    const heart = setInterval(() => {
      for (const one of this.#streams.all()) one.stream.heartbeat();
    }, heartbeatInterval);
    this.#enders.push(
      ...[() => clearInterval(poll), () => clearInterval(heart)],
      bus.subscribe('endpoint', (keys) => this.#wakeEndpoints(keys)),
      bus.subscribe('account', (keys) => this.#wakeAccounts(keys)),
    );
  }

  /** Ends every stream: its client goes to another front end, with its Last-Event-ID. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const end of this.#enders.splice(0)) end();
    for (const one of this.#streams.all()) one.stream.end();
    await this.#reading;
    await this.#messages.stop();
  }

  /** Looks for the endpoint and begins its stream. @throws Problem 401, 404, 429, 503 */
  async open({ holder, instance, after }: OpenStreamRequest, begin: () => ServerResponse): Promise<void> {
    if (this.#stopped) throw unavailable(1, 'Starting or stopping');
    const account = `${holder.user}@${holder.domain}`;
    this.#places.take(account);
    try {
      const { accountId, sessionId, credentialVersion } = holder;
      const request = { accountId, sessionId, credentialVersion, instance };
      const [found] = await this.#options.backEnd.findEndpointEvents([
        { ...request, ...(after !== undefined && { after }) },
      ]);
      if (found?.after === undefined) throw endpointUnknown();
      if (this.#stopped) throw unavailable(1, 'Starting or stopping');
      // A stream that broke may still hear the last events: why its endpoint or account is gone.
      if (found.state === 'session_closed' && found.events.length === 0) throw tokenInvalid();
      this.#follow(request, account, found, begin());
    } catch (error) {
      this.#places.give(account);
      throw error;
    }
  }

  #follow(request: Followed['request'], account: string, found: EndpointEvents, response: ServerResponse): void {
    const stream = new EventStream(response, () => this.#options.metrics.streamDropped());
    const { accountId, instance } = request;
    const messages: MessageReader = { accountId, instance, stream, after: 0, held: false, state: 'idle' };
    const one = { request, account, stream, messages, after: found.after ?? 0, registered: true, wantsMessages: true };
    const remove = this.#streams.add(endpointKey(accountId, instance), one);
    response
      .on('error', () => {})
      .once('close', () => {
        remove();
        this.#due.delete(one);
        this.#places.give(one.account);
      });
    this.#deliver(one, found);
    // What happened between the reading and now woke nobody up.
    this.#wakeOne(one);
  }

  #deliver(one: Followed, { events, after, state }: EndpointEvents): void {
    for (const event of events) {
      one.stream.send(event, shownInstance(one.request.instance));
      one.registered = event.event === 'registered';
    }
    if (after !== undefined) one.after = after;
    if (state === 'session_closed') one.stream.end();
    else if (events.length >= FULL_PAGE) this.#due.add(one);
    else if (one.wantsMessages && one.registered) {
      one.wantsMessages = false;
      this.#messages.wake(one.messages);
    }
  }

  #wakeEndpoints(keys: Keys): void {
    const named = keys ? keys.flatMap((key) => [...this.#streams.of(key)]) : this.#streams.all();
    for (const one of named) this.#wakeOne(one, true);
  }

  #wakeAccounts(keys: Keys): void {
    const named = new Set(keys);
    for (const one of this.#streams.all()) if (!keys || named.has(one.account)) this.#wakeOne(one);
  }

  #poll(): void {
    this.#polls += 1;
    for (const one of this.#streams.all()) {
      this.#wakeOne(one, one.messages.held || this.#polls % MESSAGE_POLLS === 0);
    }
  }

  #wakeOne(one: Followed, forMessages = false): void {
    if (forMessages) one.wantsMessages = true;
    this.#due.add(one);
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
  }

  async #read(): Promise<void> {
    while (this.#due.size > 0) {
      const batch = [...this.#due].slice(0, BATCH);
      for (const one of batch) this.#due.delete(one);
      try {
        const found = await this.#options.backEnd.findEndpointEvents(
          batch.map(({ request, after }) => ({ ...request, after })),
        );
        for (const [index, one] of batch.entries()) this.#deliver(one, found[index]!);
      } catch (error) {
        // The next poll tries again.
        this.#options.logOutage(error);
        this.#due.clear();
      }
    }
  }
}
