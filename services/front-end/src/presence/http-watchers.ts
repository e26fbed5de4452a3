import type { Notification } from '@rollcall/back-end';

/** An event stream of an HTTP client that watches. Its subscription has transport 'HTTP' and its own flow id. */
export interface HttpWatcher {
  /** The states that changed; it must not throw. Whoever ends the stream ends its subscription too. */
  notify(notification: Notification): void;
}

/** The watchers of this front end that read event streams, by the flow id of their subscriptions. */
export class HttpWatchers {
  readonly #watchers = new Map<string, HttpWatcher>();

  /** Before it subscribes. The function returned ends it. */
  add(flow: string, watcher: HttpWatcher): () => void {
    this.#watchers.set(flow, watcher);
    return () => this.#watchers.delete(flow);
  }

  find(flow: string): HttpWatcher | undefined {
    return this.#watchers.get(flow);
  }
}
