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
import { Problem, unavailable } from './problem.ts';

export interface EventStreamsOptions {
  backEnd: Pick<BackEnd, 'findEndpointEvents'>;
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
  after: number;
}

const STREAMS_OF_ACCOUNT = 16;
const STREAMS = 10_000;
const BATCH = 500;

/** A page of events that may not be the last (api.find_endpoint_events). */
const FULL_PAGE = 100;

/**
 * The event streams of one front end. What is new is read from the back end, for many streams in one call: those that the
 * bus names at once, all of them every few seconds.
 */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #byEndpoint = new Map<string, Set<Followed>>();
  /** Streams an account, those included that are being opened. */
  readonly #ofAccount = new Map<string, number>();
  readonly #due = new Set<Followed>();
  #size = 0;
  #stopped = false;
  #reading: Promise<void> | undefined;
  readonly #enders: (() => void)[] = [];

  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  start(): void {
    const { bus, pollInterval = 5000, heartbeatInterval = 15_000 } = this.#options;
    const poll = setInterval(() => this.#wakeAll(), pollInterval);
    const heart = setInterval(() => {
      for (const one of this.#all()) one.stream.heartbeat();
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
    for (const one of this.#all()) one.stream.end();
    await this.#reading;
  }

  /** Looks for the endpoint and begins its stream. @throws Problem 401, 404, 429, 503 */
  async open({ holder, instance, after }: OpenStreamRequest, begin: () => ServerResponse): Promise<void> {
    if (this.#stopped) throw unavailable(1, 'Starting or stopping');
    const account = `${holder.user}@${holder.domain}`;
    const open = this.#ofAccount.get(account) ?? 0;
    if (open >= STREAMS_OF_ACCOUNT) {
      const detail = `An account has at most ${STREAMS_OF_ACCOUNT} event streams on one front end`;
      throw new Problem(429, 'too-many-streams', { detail, headers: { 'Retry-After': '60' } });
    }
    if (this.#size >= STREAMS) throw new Problem(503, 'too-many-streams', { headers: { 'Retry-After': '10' } });
    this.#count(account, 1);
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
      this.#follow({ request, account, after: found.after }, found, begin());
    } catch (error) {
      this.#count(account, -1);
      throw error;
    }
  }

  #follow(of: Omit<Followed, 'stream'>, found: EndpointEvents, response: ServerResponse): void {
    const stream = new EventStream(response, () => this.#options.metrics.streamDropped());
    const one: Followed = { ...of, stream };
    const key = keyOf(one.request);
    const others = this.#byEndpoint.get(key) ?? new Set();
    this.#byEndpoint.set(key, others.add(one));
    response
      .on('error', () => {})
      .once('close', () => {
        others.delete(one);
        if (others.size === 0 && this.#byEndpoint.get(key) === others) this.#byEndpoint.delete(key);
        this.#due.delete(one);
        this.#count(one.account, -1);
      });
    this.#deliver(one, found);
    // What happened between the reading and now woke nobody up.
    this.#wakeOne(one);
  }

  #deliver(one: Followed, { events, after, state }: EndpointEvents): void {
    for (const event of events) one.stream.send(event, shownInstance(one.request.instance));
    if (after !== undefined) one.after = after;
    if (state === 'session_closed') one.stream.end();
    else if (events.length >= FULL_PAGE) this.#due.add(one);
  }

  #wakeEndpoints(keys: Keys): void {
    if (!keys) this.#wakeAll();
    else for (const key of keys) for (const one of this.#byEndpoint.get(key) ?? []) this.#wakeOne(one);
  }

  #wakeAccounts(keys: Keys): void {
    const named = new Set(keys);
    for (const one of this.#all()) if (!keys || named.has(one.account)) this.#wakeOne(one);
  }

  #wakeAll(): void {
    for (const one of this.#all()) this.#wakeOne(one);
  }

  #wakeOne(one: Followed): void {
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

  *#all(): Iterable<Followed> {
    for (const streams of this.#byEndpoint.values()) yield* streams;
  }

  #count(account: string, by: 1 | -1): void {
    this.#size += by;
    const count = (this.#ofAccount.get(account) ?? 0) + by;
    if (count > 0) this.#ofAccount.set(account, count);
    else this.#ofAccount.delete(account);
  }
}

function keyOf({ accountId, instance }: FindEndpointEventsRequest): string {
  return endpointKey(accountId, instance);
}
