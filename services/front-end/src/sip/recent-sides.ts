import type { RoutedEndpoint } from '@rollcall/back-end';
import { KeyHash, RecentMap } from '@rollcall/sip';
import type { EndpointName } from './forwarding.ts';

const MAXIMUM = 4000;
/** Long enough for an ACK, and for a BYE to a call that was a mistake; a phone that moves meanwhile is found by its lost flow. */
const LIFETIME_MS = 5000;

/** One side of a dialog, and where it was found. */
export interface Side {
  readonly name: EndpointName;
  readonly endpoint: RoutedEndpoint;
}

interface Kept extends Side {
  readonly token: string;
  readonly until: number;
}

/**
 * Where the sides of dialogs were a moment ago, by their tokens: an ACK follows its 200 at once and need not ask the back end
 * again. A token counts only with the Call-ID that it was made or read with.
 */
export class RecentSides {
  readonly #sides = new RecentMap<Kept, number>(MAXIMUM);
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get(token: string, callId: string): Side | undefined {
    const kept = this.#sides.get(keyOf(token, callId));
    return kept?.token === token && this.#now() < kept.until ? kept : undefined;
  }

  keep(token: string, callId: string, { name, endpoint }: Side): void {
    this.#sides.set(keyOf(token, callId), { token, name, endpoint, until: this.#now() + LIFETIME_MS });
  }

  /** It has lost its connection. */
  forget(token: string, callId: string): void {
    this.#sides.delete(keyOf(token, callId));
  }
}

/** Not the text itself: a Call-ID is a part of its message, all of which would be kept with it. */
function keyOf(token: string, callId: string): number {
  return new KeyHash().add(token).add(callId).value;
}
