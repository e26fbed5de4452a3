import { type HttpWatcher, HttpWatchers } from './http-watchers.ts';
import type { SubscriptionName } from './types.ts';

/** Sends the watchers of this front end what has changed (RFC 6665 §4.2). */
export class Notifier {
  readonly #http = new HttpWatchers();

  /** After the commit that changed what watchers of these accounts see: all front ends look. */
  changed(accountIds: readonly number[]): void {
    void accountIds;
  }

  /** These subscriptions of this front end are new, or have been refreshed: they are told at once. */
  wake(subscriptions: readonly SubscriptionName[]): void {
    void subscriptions;
  }

  /** Notifications of the subscription with transport 'HTTP' and this flow id go to `watcher`. The function returned ends it. */
  onHttp(flow: string, watcher: HttpWatcher): () => void {
    return this.#http.add(flow, watcher);
  }
}
