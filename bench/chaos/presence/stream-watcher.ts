import { setTimeout as sleep } from 'node:timers/promises';
import type { SipAccount } from '@rollcall/test-kit';
import type { Name, PresenceModel } from './model.ts';
import type { Pool } from './stage.ts';

const RECONNECT_MS = 200;
const ANSWER_MS = 5000;
/** What both an event and a document say of anybody. */
const FIELDS = ['availability', 'activity', 'note', 'calendar', 'phone', 'location', 'idleSince'] as const;

/** An HTTP client that follows its contacts (GET /v1/events); when its stream ends it goes to the next front end. */
export class StreamWatcher {
  readonly name: Name;
  readonly #account: SipAccount;
  readonly #pool: Pool;
  readonly #ended = new AbortController();
  #next: number;
  /** What the present stream has last said of each contact; undefined between two streams. */
  #held: Map<Name, string> | undefined;
  #following: Promise<void> | undefined;
  events = 0;
  lastAt = 0;

  constructor(account: SipAccount, pool: Pool, first: number) {
    this.#account = account;
    this.#pool = pool;
    this.#next = first;
    this.name = `${account.user}@${account.domain}`;
  }

  open(): void {
    this.#following = this.#follow();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#following;
  }

  /** What it should not hold of its contacts. */
  mismatches(model: PresenceModel, at: readonly number[]): string[] {
    return [...model.contactsOf(this.name)].flatMap((contact) => {
      const held = this.#held?.get(contact);
      const wanted = at.map((moment) => describe(model.shown(this.name, contact, moment)));
      if (held !== undefined && wanted.includes(held)) return [];
      return [`${this.name} follows ${contact} over HTTP: holds ${held}, not ${wanted[0]}`];
    });
  }

  async #follow(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const places = this.#pool.places('http');
      const to = places[this.#next++ % places.length];
      try {
        if (to !== undefined) await this.#stream(to);
      } catch {
        // Its front end was killed, hangs, or has lost the database.
      }
      this.#held = undefined;
      await sleep(RECONNECT_MS);
    }
  }

  /** Resolves at the end of the stream. @throws when it breaks, or there is none */
  async #stream(to: string): Promise<void> {
    const { user, domain, password } = this.#account;
    const body = JSON.stringify({ user: `${user}@${domain}`, password });
    const opened = await fetch(`http://${to}/v1/sessions`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: this.#within() },
    });
    if (opened.status !== 201) throw new Error(`${opened.status}`);
    const { accessToken } = (await opened.json()) as { accessToken: string };
    const patience = new AbortController();
    const impatient = setTimeout(() => patience.abort(), ANSWER_MS);
    const response = await fetch(`http://${to}/v1/events`, {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.any([this.#ended.signal, patience.signal]),
    }).finally(() => clearTimeout(impatient));
    if (response.status !== 200 || !response.body) throw new Error(`${response.status}`);
    this.#held = new Map();
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const events = `${text}${chunk}`.split('\n\n');
      text = events.pop()!;
      for (const event of events) this.#take(event);
    }
  }

  #within(): AbortSignal {
    return AbortSignal.any([this.#ended.signal, AbortSignal.timeout(ANSWER_MS)]);
  }

  #take(event: string): void {
    const data = /^event: presence\ndata: (.*)$/m.exec(event)?.[1];
    if (data === undefined) return;
    const { address, ...told } = JSON.parse(data) as Record<string, string | number | null> & { address: Name };
    this.events += 1;
    this.lastAt = performance.now();
    this.#held?.set(address, describe(told));
  }
}

function describe(said: Readonly<Record<string, unknown>>): string {
  // Since when it is idle an event says whenever the machine is, a document where the availability tells so.
  const isIdle = ['4500', '7500'].includes(String(said.availability));
  const fields = FIELDS.filter((field) => (said[field] ?? null) !== null && (field !== 'idleSince' || isIdle));
  return JSON.stringify(fields.map((field) => [field, String(said[field])]));
}
