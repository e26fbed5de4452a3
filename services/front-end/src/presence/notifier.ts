import type { BackEnd, Bus, Notification, SubscriptionReference } from '@rollcall/back-end';
import { EVERYTHING, LATELY } from './due.ts';
import type { HttpWatcher, HttpWatchers } from './http-watchers.ts';
import { type Again, Refused } from './refused.ts';
import type { LastNotification, NotifyDone, NotifyOutcome } from './send-notification.ts';
import { SettledSubscriptions } from './settled-subscriptions.ts';
import { Taking, type TakingOptions } from './taking.ts';
import { UnderWay } from './under-way.ts';

export interface NotifierOptions {
  backEnd: TakingOptions['backEnd'] & Pick<BackEnd, 'endSubscriptions' | 'loseSubscriptions' | 'renotifySubscriptions'>;
  bus: Bus;
  /** What the pool knows this front end by now. */
  frontEndId(): number;
  /** Sends one; `done` is called once, at once or later. It does not throw. */
  send(notification: Notification | LastNotification, done: NotifyDone): void;
  /** Told what became of one. */
  counted(outcome: NotifyOutcome, notification: Notification | LastNotification): void;
  http: HttpWatchers;
  logOutage(error: unknown): void;
}

const POLL_MS = 5000;
/** Last notifications on their way at once: past it, who asks without a subscription is answered without one. */
const MAXIMUM_LAST = 10_000;

/** Tells the watchers of this front end what has changed (RFC 6665 §4.2): what is due is taken from the back end, and sent. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #underWay = new UnderWay();
  readonly #taking: Taking;
  readonly #settled: SettledSubscriptions;
  readonly #refused = new Refused({ renotify: (subscriptions) => this.#renotify(subscriptions) });
  readonly #enders: (() => void)[] = [];
  #last = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
    const send = (one: Notification) => options.send(one, (outcome, againIn) => this.#sent(one, outcome, againIn));
    this.#taking = new Taking({ ...options, underWay: this.#underWay, send });
    this.#settled = new SettledSubscriptions({ ...options, changed: (accountIds) => this.changed(accountIds) });
  }

  /** Notifications on their way. */
  get size(): number {
    return this.#underWay.size + this.#last;
  }

  start(): void {
    const poll = setInterval(() => this.#taking.add(LATELY), POLL_MS);
    this.#enders.push(
      () => clearInterval(poll),
      this.#options.bus.subscribe('presence', (keys) => this.#heard(keys?.map(Number))),
    );
    this.#taking.start();
  }

  /** Takes nothing more. What is on its way ends by itself. */
  async stop(): Promise<void> {
    for (const end of this.#enders.splice(0)) end();
    this.#refused.stop();
    await this.#taking.stop();
    await this.#settled.flush();
  }

  /** After the commit that changed what watchers of these accounts see: all front ends look. */
  changed(accountIds: readonly number[]): void {
    if (accountIds.length > 0) this.#options.bus.publish('presence', accountIds.map(String));
  }

  /** These subscriptions of this front end are new, were refreshed, or have moved here: they are told at once. */
  wake(subscriptions: readonly SubscriptionReference[]): void {
    for (const { id } of subscriptions) this.#underWay.hearOfSubscription(id);
    if (subscriptions.length > 0) this.#taking.add({ subscriptions }, 0);
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
    this.#taking.add(EVERYTHING);
  }

  #heard(accountIds: readonly number[] | undefined): void {
    this.#underWay.hear(accountIds);
    this.#taking.add(accountIds ? { accountIds } : EVERYTHING);
  }

  async #renotify(subscriptions: Again[]): Promise<boolean> {
    const { backEnd, frontEndId, logOutage } = this.#options;
    try {
      await backEnd.renotifySubscriptions({ frontEndId: frontEndId(), subscriptions });
      this.wake(subscriptions);
      return true;
    } catch (error) {
      logOutage(error);
      return false;
    }
  }

  #sent(notification: Notification, outcome: NotifyOutcome, againIn: number | undefined): void {
    const { accountId, subscriptionId: id, cseq, place } = notification;
    const again = this.#underWay.end(id);
    this.#options.counted(outcome, notification);
    if (outcome === 'refused') this.#refused.refused(notification, againIn);
    else if (this.#refused.size > 0) {
      if (outcome === 'notified') this.#refused.taken(notification);
      else this.#refused.forget(id);
    }
    if (outcome === 'ended') this.#settled.ended({ accountId, id });
    else if (outcome === 'timeout') this.#settled.ended({ accountId, id, cseq });
    else if (outcome === 'lost') this.#settled.lost({ accountId, id, frontEndId: place.frontEndId, flow: place.flow });
    const stays = outcome === 'notified' || outcome === 'refused';
    this.#taking.answered(again && stays ? { subscriptions: [{ accountId, id }] } : undefined);
  }
}
