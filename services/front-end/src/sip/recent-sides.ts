import type { RoutedEndpoint } from '@rollcall/back-end';
import { LRUCache } from 'lru-cache';
import type { EndpointName } from './forwarding.ts';

const MAXIMUM = 2000;
/** Long enough for an ACK, and for a BYE to a call that was a mistake; a phone that moves meanwhile is found by its lost flow. */
const LIFETIME_MS = 5000;

/** One side of a dialog, and where it was found. */
export interface Side {
  readonly name: EndpointName;
  readonly endpoint: RoutedEndpoint;
}

/**
 * Where the sides of dialogs were a moment ago, by their tokens: an ACK follows its 200 at once and need not ask the back end
 * again. A token counts only with the Call-ID that it was made or read with.
 */
export class RecentSides {
  readonly #sides = new LRUCache<string, Side>({ max: MAXIMUM, ttl: LIFETIME_MS });

  get(token: string, callId: string): Side | undefined {
    return this.#sides.get(`${token} ${callId}`);
  }

  keep(token: string, callId: string, side: Side): void {
    this.#sides.set(`${token} ${callId}`, side);
  }

  /** It has lost its connection. */
  forget(token: string, callId: string): void {
    this.#sides.delete(`${token} ${callId}`);
  }
}
