import type { BackEnd } from '@rollcall/back-end';
import type { Notifier } from './notifier.ts';

export interface PresenceTimersOptions {
  backEnd: Pick<BackEnd, 'checkPresence'>;
  notifier: Pick<Notifier, 'changed'>;
  logOutage(error: unknown): void;
}

/** Another front end may have made something expire sooner. ms */
const LONGEST_MS = 1000;
/** Something may be due at once again that another transaction holds. ms */
const SHORTEST_MS = 50;

/** Presence that changes by itself, when endpoints and publications expire. Every front end looks; the back end lets each account be done once. */
export class PresenceTimers {
  readonly #options: PresenceTimersOptions;
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  #stopped = false;

  constructor(options: PresenceTimersOptions) {
    this.#options = options;
  }

  start(): void {
    this.#sleep(LONGEST_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#checking;
  }

  #sleep(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#checking = this.#check().then((next) => this.#sleep(next));
    }, ms);
  }

  /** @returns how long nothing is due, ms */
  async #check(): Promise<number> {
    const { backEnd, notifier, logOutage } = this.#options;
    try {
      for (;;) {
        const { changed, nextAt, more } = await backEnd.checkPresence();
        notifier.changed(changed);
        if (more && !this.#stopped) continue;
        const wait = nextAt ? nextAt.getTime() - Date.now() : LONGEST_MS;
        return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, wait));
      }
    } catch (error) {
      logOutage(error);
      return LONGEST_MS;
    }
  }
}
