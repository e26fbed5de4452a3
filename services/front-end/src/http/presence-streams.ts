import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { BackEnd, Bus, Keys } from '@rollcall/back-end';
import type { FrontEndMetrics } from '../metrics.ts';
import type { Notifier } from '../presence/notifier.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { tokenInvalid } from './authorize.ts';
import { EventStream } from './event-stream.ts';
import { PresenceStream } from './presence-stream.ts';
import { unavailable } from './problem.ts';
import { StreamPlaces } from './stream-places.ts';
import { StreamSubscription, type StreamSubscriptionOptions } from './stream-subscription.ts';

export interface PresenceStreamsOptions {
  backEnd: Pick<BackEnd, 'subscribe' | 'endSubscriptions' | 'sessionHolds' | 'findNotices'>;
  bus: Bus;
  notifier: Pick<Notifier, 'onHttp' | 'wake'>;
  metrics: Pick<FrontEndMetrics, 'streamDropped'>;
  frontEndId(): number;
  logOutage(error: unknown): void;
  /** ms; default 15,000: a sign of life, and the question whether the session holds. */
  heartbeatInterval?: number;
}

interface Watching {
  readonly account: string;
  readonly holder: TokenHolder;
  readonly stream: EventStream;
  readonly watcher: PresenceStream;
  readonly subscriptions: readonly StreamSubscription[];
  /** The back end is being asked about it. */
  checking: boolean;
}

/** The event streams of one front end that tell the presence of contacts, and who has added the account to theirs. */
export class PresenceStreams {
  readonly #options: PresenceStreamsOptions;
  readonly #open = new Set<Watching>();
  readonly #ending = new Set<Promise<void>>();
  readonly #places = new StreamPlaces();
  readonly #enders: (() => void)[] = [];
  #stopped = false;

  constructor(options: PresenceStreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#places.taken;
  }

  start(): void {
    const { bus } = this.#options;
    this.#enders.push(
      bus.subscribe('account', (keys) => this.#accountsChanged(keys)),
      bus.subscribe('contact', (keys) => this.#noticed(keys)),
    );
  }

  /** Ends every stream: its client goes to another front end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const end of this.#enders.splice(0)) end();
    this.endAll();
    await Promise.all(this.#ending);
  }

  /** The pool has given this front end up, and ended their subscriptions: clients come again, here or elsewhere. */
  endAll(): void {
    for (const one of [...this.#open]) {
      one.stream.end();
      this.#forget(one);
    }
  }

  /** @throws Problem 401, 429, 503 */
  async open(holder: TokenHolder, receivedFrom: string, begin: () => ServerResponse): Promise<void> {
    if (this.#stopped) throw unavailable(1, 'Starting or stopping');
    const { backEnd, notifier, metrics, frontEndId } = this.#options;
    const account = `${holder.user}@${holder.domain}`;
    this.#places.take(account);
    const flow = `events.${randomUUID()}`;
    const watcher = new PresenceStream();
    const unwatch = notifier.onHttp(flow, watcher);
    const release = () => {
      unwatch();
      this.#places.give(account);
    };
    try {
      if (!(await backEnd.sessionHolds(holder))) throw tokenInvalid();
      const options = { backEnd, holder, frontEndId: frontEndId(), flow, receivedFrom };
      const subscriptions = await openAll(options);
      if (this.#stopped) {
        await endAll(subscriptions);
        throw unavailable(1, 'Starting or stopping');
      }
      const response = begin();
      const stream = new EventStream(response, () => metrics.streamDropped());
      const one = { account, holder, stream, watcher, subscriptions, checking: false };
      this.#follow(one, response, release);
      watcher.begin(stream);
      notifier.wake(subscriptions.map(({ reference }) => reference));
      void this.#tellNotices(one);
    } catch (error) {
      release();
      throw error;
    }
  }

  #follow(one: Watching, response: ServerResponse, release: () => void): void {
    this.#open.add(one);
    const beat = setInterval(() => {
      one.stream.heartbeat();
      void this.#check(one);
    }, this.#options.heartbeatInterval ?? 15_000);
    response
      .on('error', () => {})
      .once('close', () => {
        clearInterval(beat);
        release();
        this.#forget(one);
      });
  }

  #accountsChanged(keys: Keys): void {
    const named = new Set(keys);
    for (const one of this.#open) if (!keys || named.has(one.account)) void this.#check(one);
  }

  #noticed(keys: Keys): void {
    const named = new Set(keys);
    for (const one of this.#open) if (!keys || named.has(String(one.holder.accountId))) void this.#tellNotices(one);
  }

  /** Who has added the account to their contacts. */
  async #tellNotices({ holder, watcher }: Watching): Promise<void> {
    try {
      watcher.notice(await this.#options.backEnd.findNotices(holder.accountId));
    } catch (error) {
      // They wait, and the next stream tells them.
      this.#options.logOutage(error);
    }
  }

  /** Ends the stream when its session is over or its subscription is no more: what it tells would be stale. */
  async #check(one: Watching): Promise<void> {
    if (one.checking || one.stream.closed) return;
    one.checking = true;
    try {
      const holds = await this.#options.backEnd.sessionHolds(one.holder);
      if (!holds || !(await keepAll(one.subscriptions))) one.stream.end();
    } catch (error) {
      // The next beat asks again.
      this.#options.logOutage(error);
    } finally {
      one.checking = false;
    }
  }

  #forget(one: Watching): void {
    if (!this.#open.delete(one)) return;
    // One that cannot be ended now expires.
    const ending = endAll(one.subscriptions)
      .catch((error) => this.#options.logOutage(error))
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

/** @throws Problem 401, 429 */
async function openAll(options: Omit<StreamSubscriptionOptions, 'event'>): Promise<StreamSubscription[]> {
  const contacts = await StreamSubscription.open({ ...options, event: 'presence' });
  try {
    return [contacts, await StreamSubscription.open({ ...options, event: 'message-summary' })];
  } catch (error) {
    await contacts.end();
    throw error;
  }
}

async function keepAll(subscriptions: readonly StreamSubscription[]): Promise<boolean> {
  for (const one of subscriptions) if (!(await one.keep(performance.now()))) return false;
  return true;
}

async function endAll(subscriptions: readonly StreamSubscription[]): Promise<void> {
  await Promise.all(subscriptions.map((one) => one.end()));
}
