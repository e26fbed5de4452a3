import { type BackEnd, BackEndUnavailableError, type Notification } from '@rollcall/back-end';
import { Due, EVERYTHING, type Look } from './due.ts';
import { HeldBack } from './held-back.ts';
import { NamedTimers } from './named-timers.ts';
import type { UnderWay } from './under-way.ts';

export interface TakingOptions {
  backEnd: Pick<BackEnd, 'takeNotifications' | 'renotify'>;
  frontEndId(): number;
  /** What has been taken is begun there; who sends it ends it. */
  underWay: UnderWay;
  send(notification: Notification): void;
  logOutage(error: unknown): void;
}

/** Changes are gathered for a moment: one call finds the watchers of many accounts. ms */
const GATHER_MS = 5;
/** While others are on their way: most watchers of what changes again are among those, and are taken when they have answered. ms */
const GATHER_LONG_MS = 20;
/** After a call that may or may not have taken something. ms */
const RETRY_MS = 1000;
/** Taken in one call. */
const BATCH = 1000;
/** On their way at once, to watchers that may be expected to answer; and those to silent ones with them. */
const MAXIMUM = 4000;
const MAXIMUM_WITH_SILENT = 40_000;
/** When all of those are on their way: how soon it is looked at again who is silent. ms */
const ROOM_MS = 500;
/** Sent in one turn of the event loop: what arrives meanwhile waits for no more than these. */
const TURN = 50;

/** Takes from the back end what is due where something may be, as far as there is room for it on its way, and has it sent. */
export class Taking {
  readonly #options: TakingOptions;
  readonly #due = new Due();
  readonly #held = new HeldBack(this.#due, () => this.#run());
  readonly #timers = new NamedTimers<'gather' | 'retry' | 'room'>();
  #running: Promise<void> | undefined;
  /** What was taken last may have been taken or not: nothing more is until everything is due again. */
  #uncertain = false;
  #stopped = true;

  constructor(options: TakingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    this.add(EVERYTHING);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timers.stopAll();
    this.#held.stop();
    await this.#running;
  }

  /** Something may be due there; `ms`: looked at after that. */
  add(look: Look, ms = this.#gatherMs): void {
    this.#due.add(look);
    this.#runIn(ms);
  }

  /** Something on its way has been answered; `look`: its subscription may have missed something. */
  answered(look?: Look): void {
    if (look) this.#due.add(look);
    if (!this.#due.isEmpty) this.#runIn(this.#gatherMs);
  }

  get #gatherMs(): number {
    return this.#options.underWay.size > 0 ? GATHER_LONG_MS : GATHER_MS;
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
      if (!this.#due.isEmpty && this.#room() > 0 && !this.#waits) this.#runIn(this.#gatherMs);
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
    const look = this.#stopped || this.#waits || room <= 0 ? undefined : this.#due.take();
    return look && this.#takeDue(look, Math.min(BATCH, room));
  }

  /** A watcher that does not answer takes no room from those that do (its notification may take 32 s to end). */
  #room(): number {
    const { underWay } = this.#options;
    return Math.min(MAXIMUM - underWay.awaited(performance.now()), MAXIMUM_WITH_SILENT - underWay.size);
  }

  async #takeDue(look: Look, limit: number): Promise<Notification[] | undefined> {
    const { backEnd, frontEndId, underWay } = this.#options;
    const heard = underWay.heard;
    try {
      const request = { frontEndId: frontEndId(), busy: underWay.ids(), limit };
      const { notifications, more, nextAt } = await backEnd.takeNotifications({ ...request, ...look });
      for (const one of notifications) underWay.begin(one, heard, performance.now());
      if (more && notifications.length > 0) this.#due.add(look);
      // Somebody else holds them for a moment.
      else if (more) this.#held.hold(look, Date.now() + GATHER_LONG_MS);
      if (nextAt) this.#held.hold(look, nextAt.getTime());
      return notifications;
    } catch (error) {
      this.#options.logOutage(error);
      // Else nothing was taken.
      this.#uncertain = error instanceof BackEndUnavailableError;
      this.#due.add(look);
      this.#retry();
      return undefined;
    }
  }

  get #waits(): boolean {
    return this.#uncertain || this.#timers.has('retry');
  }

  #retry(): void {
    if (!this.#stopped) this.#timers.start('retry', RETRY_MS, () => void this.#recover());
  }

  async #recover(): Promise<void> {
    try {
      if (this.#uncertain) {
        await this.#options.backEnd.renotify({ frontEndId: this.#options.frontEndId() });
        this.#uncertain = false;
        this.#due.add(EVERYTHING);
      }
      this.#run();
    } catch (error) {
      this.#options.logOutage(error);
      this.#retry();
    }
  }

  async #sendAll(batch: readonly Notification[]): Promise<void> {
    for (let at = 0; at < batch.length; at += TURN) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve));
      for (const one of batch.slice(at, at + TURN)) this.#options.send(one);
    }
  }
}
