import type { AddressOfRecord } from '../account/address-of-record.ts';
import type { Connections } from '../connections.ts';
import type { Actor } from './publish.ts';
import type { AccessLevel, PresenceState } from './state.ts';

export interface FindPresenceRequest {
  /** `{ watcher }`: user@domain of somebody outside the pool. */
  watcher: Actor | { watcher: string };
  targets: readonly AddressOfRecord[];
  now?: Date;
}

export type FoundPresence =
  | { outcome: 'found'; accountId: number; level: AccessLevel; version: number; state: PresenceState }
  | { outcome: 'unknown' };

/** What a watcher sees of some accounts now; in the order of the targets. */
export async function findPresence(_connections: Connections, _request: FindPresenceRequest): Promise<FoundPresence[]> {
  throw new Error('not yet');
}
