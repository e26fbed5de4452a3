import type { BackEnd } from '@rollcall/back-end';
import type { Lease } from '../lease.ts';
import type { Notifier } from './notifier.ts';

export interface SubscriptionReaperOptions {
  backEnd: Pick<BackEnd, 'adoptSubscriptions' | 'removeExpiredSubscriptions'>;
  lease: Pick<Lease, 'id' | 'steady'>;
  notifier: Pick<Notifier, 'changed' | 'sendLast' | 'wakeAll'>;
}

/** In sweeps: how often it looks for what a front end has left that has left the pool, or died while it adopted. */
const ADOPTING = 5;

/** Takes over watchers of front ends that are gone, as far as it can reach them, and ends subscriptions that have expired. */
export class SubscriptionReaper {
  readonly #options: SubscriptionReaperOptions;
  #sweeps = 0;

  constructor(options: SubscriptionReaperOptions) {
    this.#options = options;
  }

  /** `someDied`: front ends have been declared dead just now. */
  async reap(someDied: boolean): Promise<void> {
    this.#sweeps += 1;
    if (someDied || this.#sweeps % ADOPTING === 0) await this.#adopt();
    await this.endExpired();
  }

  async #adopt(): Promise<void> {
    const { backEnd, lease, notifier } = this.#options;
    for (let more = lease.steady; more; ) {
      const found = await backEnd.adoptSubscriptions({ frontEndId: lease.id });
      if (found.adopted > 0) notifier.wakeAll();
      more = found.more;
    }
  }

  /** Also at once, while the watchers of an account that has been disabled or removed have their connections. */
  async endExpired(): Promise<void> {
    const { backEnd, lease, notifier } = this.#options;
    for (let more = true; more; ) {
      const swept = await backEnd.removeExpiredSubscriptions({ frontEndId: lease.id });
      // RFC 6665 §4.2.2: a watcher that can be reached is told.
      for (const { place, ...one } of swept.removed) if (place) notifier.sendLast({ ...one, place });
      notifier.changed(swept.changed);
      more = swept.more;
    }
  }
}
