import { type ContactNotice, type Notification, type PresenceState, stateOf } from '@rollcall/back-end';
import type { HttpWatcher } from '../presence/http-watchers.ts';
import type { EventStream, Told } from './event-stream.ts';
import { shownNotice } from './notice-routes.ts';
import { shownPresence } from './shown-presence.ts';

/** How many events are written at once. */
const PAGE = 50;

/**
 * What one event stream is still to be told: of each contact the latest state alone, so that a client that reads slowly skips
 * what is past, and no more waits for it than it has contacts.
 */
export class PresenceStream implements HttpWatcher {
  readonly #waiting = new Map<string, Told>();
  #stream: EventStream | undefined;
  #sending = false;
  /** The latest notice that it has been told. */
  #noticeId = 0;

  /** What came before is sent now. */
  begin(stream: EventStream): void {
    this.#stream = stream;
    void this.#send();
  }

  notify({ event, resources }: Pick<Notification, 'event' | 'resources'>): void {
    for (const resource of resources) {
      const { address, state } = resource;
      if (event === 'message-summary') this.#waiting.set(event, { event, data: stateOf(event, resource) });
      else
        this.#waiting.set(`presence ${address}`, {
          event: 'presence',
          data: shownPresence(address, state as PresenceState),
        });
    }
    void this.#send();
  }

  /** All that wait for the account; it is told those that it was not told yet. */
  notice(notices: readonly ContactNotice[]): void {
    for (const one of notices) {
      if (one.id <= this.#noticeId) continue;
      this.#noticeId = one.id;
      this.#waiting.set(`notice ${one.id}`, { event: 'contact-notice', data: shownNotice(one) });
    }
    void this.#send();
  }

  async #send(): Promise<void> {
    const stream = this.#stream;
    if (!stream || this.#sending) return;
    this.#sending = true;
    while (this.#waiting.size > 0) {
      const page = [...this.#waiting].slice(0, PAGE);
      for (const [key] of page) this.#waiting.delete(key);
      if (!(await stream.sendAll(page.map(([, told]) => told)))) break;
    }
    this.#sending = false;
  }
}
