import type { Notification, PresenceState } from '@rollcall/back-end';
import type { HttpWatcher } from '../presence/http-watchers.ts';
import type { EventStream } from './event-stream.ts';
import { type ShownPresence, shownPresence } from './shown-presence.ts';

/** How many presences are written at once. */
const PAGE = 50;

/**
 * What one event stream is still to be told: of each contact the latest state alone, so that a client that reads slowly skips
 * what is past, and no more waits for it than it has contacts.
 */
export class PresenceStream implements HttpWatcher {
  readonly #waiting = new Map<string, ShownPresence>();
  #stream: EventStream | undefined;
  #sending = false;

  /** What came before is sent now. */
  begin(stream: EventStream): void {
    this.#stream = stream;
    void this.#send();
  }

  notify({ resources }: Pick<Notification, 'resources'>): void {
    for (const { address, state } of resources) {
      this.#waiting.set(address, shownPresence(address, state as PresenceState));
    }
    void this.#send();
  }

  async #send(): Promise<void> {
    const stream = this.#stream;
    if (!stream || this.#sending) return;
    this.#sending = true;
    while (this.#waiting.size > 0) {
      const page = [...this.#waiting].slice(0, PAGE);
      for (const [address] of page) this.#waiting.delete(address);
      if (!(await stream.sendPresences(page.map(([, shown]) => shown)))) break;
    }
    this.#sending = false;
  }
}
