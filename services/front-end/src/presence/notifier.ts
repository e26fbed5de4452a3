import {
  type BackEnd,
  BackEndUnavailableError,
  type Bus,
  type Notification,
  type SubscriptionReference,
} from '@rollcall/back-end';
import { Due, EVERYTHING, LATELY, type Look } from './due.ts';
import { HeldBack } from './held-back.ts';
import type { HttpWatcher, HttpWatchers } from './http-watchers.ts';
import { NamedTimers } from './named-timers.ts';
import type { LastNotification, NotifyOutcome } from './send-notification.ts';
import { SettledSubscriptions } from './settled-subscriptions.ts';
import { UnderWay } from './under-way.ts';

export interface NotifierOptions {
  backEnd: Pick<BackEnd, 'takeNotifications' | 'endSubscriptions' | 'loseSubscriptions' | 'renotify'>;
  bus: Bus;
  /** What the pool knows this front end by now. */
  frontEndId(): number;
  /** Sends one; `done` is called once, at once or later. It does not throw. */
  send(notification: Notification | LastNotification, done: (outcome: NotifyOutcome) => void): void;
  /** Told what became of one. */
  counted(outcome: NotifyOutcome, notification: Notification | LastNotification): void;
  http: HttpWatchers;
  logOutage(error: unknown): void;
}

/** Changes are gathered for a moment: one call finds the watchers of many accounts. ms */
const GATHER_MS = 5;
/** While others are on their way: most watchers of what changes again are among those, and are taken when they have answered. ms */
const GATHER_LONG_MS = 20;
const POLL_MS = 5000;
/** After a call that may or may not have taken something. ms */
const RETRY_MS = 1000;
/** Taken in one call. */
const BATCH = 1000;
/** On their way at once, to watchers that may be expected to answer; and those to silent ones with them. */
const MAXIMUM = 4000;
const MAXIMUM_WITH_SILENT = 40_000;
/** Last notifications on their way at once: past it, who asks without a subscription is answered without one. */
const MAXIMUM_LAST = 10_000;
/** When all of those are on their way: how soon it is looked at again who is silent. ms */
const ROOM_MS = 500;
/** Sent in one turn of the event loop: what arrives meanwhile waits for no more than these. */
const TURN = 50;

/** Tells the watchers of this front end what has changed (RFC 6665 §4.2): what is due is taken from the back end, and sent. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #due = new Due();
  readonly #held = new HeldBack(this.#due, () => this.#run());
  readonly #underWay = new UnderWay();
  readonly #settled: SettledSubscriptions;
  readonly #timers = new NamedTimers<'gather' | 'retry' | 'room'>();
  readonly #enders: (() => void)[] = [];
  #last = 0;
  #running: Promise<void> | undefined;
  #stopped = true;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#settled = new SettledSubscriptions({ ...options, changed: (accountIds) => this.changed(accountIds) });
  }

  /** Notifications on their way. */
  get size(): number {
    return this.#underWay.size + this.#last;
  }

  start(): void {
    this.#stopped = false;
    const poll = setInterval(() => this.#add(LATELY), POLL_MS);
    this.#enders.push(
      () => clearInterval(poll),
      this.#options.bus.subscribe('presence', (keys) => this.#heard(keys?.map(Number))),
    );
    this.#add(EVERYTHING);
  }

  /** Takes nothing more. What is on its way ends by itself. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const end of this.#enders.splice(0)) end();
    this.#timers.stopAll();
    this.#held.stop();
    await this.#running;
    await this.#settled.flush();
  }

  /** After the commit that changed what watchers of these accounts see: all front ends look. */
  changed(accountIds: readonly number[]): void {
    if (accountIds.length > 0) this.#options.bus.publish('presence', accountIds.map(String));
  }

  /** These subscriptions of this front end are new, were refreshed, or have moved here: they are told at once. */
  wake(subscriptions: readonly SubscriptionReference[]): void {
    for (const { id } of subscriptions) this.#underWay.hearOfSubscription(id);
    if (subscriptions.length > 0) this.#add({ subscriptions }, 0);
  }

  /** Its watcher was gone before it could be answered. */
  forget(subscription: SubscriptionReference): void {
    this.#settled.ended(subscription);
  }

  /** One that ends its subscription, or answers a question without one (RFC 6665 §4.4.3): whatever becomes of it. */
  sendLast(notification: Notification | LastNotification): void {
    const last = { ...notification, expiresIn: 0 };
    if (this.#last >= MAXIMUM_LAST) {
      this.#options.counted('refused', last);
      return;
    }
    this.#last += 1;
    this.#options.send(last, (outcome) => {
      this.#last -= 1;
      this.#options.counted(outcome, last);
    });
  }

  /** Notifications of the subscription with transport 'HTTP' and this flow id go to `watcher`. The function returned ends it. */
  onHttp(flow: string, watcher: HttpWatcher): () => void {
    return this.#options.http.add(flow, watcher);
  }

  /** Subscriptions have come to this front end that it cannot name. */
  wakeAll(): void {
    this.#add(EVERYTHING);
  }

  #heard(accountIds: readonly number[] | undefined): void {
    this.#underWay.hear(accountIds);
    this.#add(accountIds ? { accountIds } : EVERYTHING);
  }

  #add(look: Look, ms = this.#gatherMs): void {
    this.#due.add(look);
    this.#runIn(ms);
  }

  get #gatherMs(): number {
    return this.#underWay.size > 0 ? GATHER_LONG_MS : GATHER_MS;
  }

  /** A run that is under way sees what has been added by itself. */
  #runIn(ms: number): void {
    if (this.#stopped || this.#running) return;
    if (ms === 0) this.#timers.restart('gather', 0, () => this.#run());
    else this.#timers.start('gather', ms, () => this.#run());
  }

  #run(): void {
    this.#running ??= this.#takeAll().finally(() => {
      this.#running = undefined;
      // Added behind the last look of the run.
      if (!this.#due.isEmpty && this.#room() > 0 && !this.#timers.has('retry')) this.#runIn(this.#gatherMs);
    });
  }

  /** While a batch is sent the next is taken. */
  async #takeAll(): Promise<void> {
    for (let taking = this.#take(); taking; ) {
      const batch = await taking;
      taking = batch && this.#take();
      if (batch) await this.#sendAll(batch);
    }
  }

  /** Undefined when nothing may be due, or no more may be on its way; resolves to undefined when the back end is away. */
  #take(): Promise<Notification[] | undefined> | undefined {
    const room = this.#room();
    if (room <= 0 && !this.#stopped) this.#timers.start('room', ROOM_MS, () => this.#run());
    const look = this.#stopped || this.#timers.has('retry') || room <= 0 ? undefined : this.#due.take();
    return look && this.#takeDue(look, Math.min(BATCH, room));
  }

  /** A watcher that does not answer takes no room from those that do (its notification may take 32 s to end). */
  #room(): number {
    return Math.min(MAXIMUM - this.#underWay.awaited(performance.now()), MAXIMUM_WITH_SILENT - this.#underWay.size);
  }

  async #takeDue(look: Look, limit: number): Promise<Notification[] | undefined> {
    const { backEnd, frontEndId } = this.#options;
    const heard = this.#underWay.heard;
    try {
      const request = { frontEndId: frontEndId(), busy: this.#underWay.ids(), limit };
      const { notifications, more, nextAt } = await backEnd.takeNotifications({ ...request, ...look });
      for (const one of notifications) this.#underWay.begin(one, heard, performance.now());
      if (more && notifications.length > 0) this.#due.add(look);
      // Somebody else holds them for a moment.
      else if (more) this.#held.hold(look, Date.now() + GATHER_LONG_MS);
      if (nextAt) this.#held.hold(look, nextAt.getTime());
      return notifications;
    } catch (error) {
      this.#options.logOutage(error);
      // Else nothing was taken.
      const unknown = error instanceof BackEndUnavailableError;
      this.#due.add(look);
      this.#retry(() => (unknown ? void this.#recover() : this.#run()));
      return undefined;
    }
  }

  /** Nobody knows whether what was taken has been: everything is told again. */
  async #recover(): Promise<void> {
    try {
      await this.#options.backEnd.renotify({ frontEndId: this.#options.frontEndId() });
      this.#add(EVERYTHING);
    } catch (error) {
      this.#options.logOutage(error);
      this.#retry(() => void this.#recover());
    }
  }

  #retry(run: () => void): void {
    if (!this.#stopped) this.#timers.start('retry', RETRY_MS, run);
  }

  async #sendAll(batch: readonly Notification[]): Promise<void> {
    for (let at = 0; at < batch.length; at += TURN) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve));
      for (const one of batch.slice(at, at + TURN)) this.#options.send(one, (outcome) => this.#sent(one, outcome));
    }
  }

  #sent(notification: Notification, outcome: NotifyOutcome): void {
    const { accountId, subscriptionId: id, cseq, place } = notification;
    const again = this.#underWay.end(id);
    this.#options.counted(outcome, notification);
    if (outcome === 'ended') this.#settled.ended({ accountId, id });
    else if (outcome === 'timeout') this.#settled.ended({ accountId, id, cseq });
    else if (outcome === 'lost') this.#settled.lost({ accountId, id, frontEndId: place.frontEndId, flow: place.flow });
    else if (again) this.#due.add({ subscriptions: [{ accountId, id }] });
    if (!this.#due.isEmpty) this.#runIn(this.#gatherMs);
  }
}
