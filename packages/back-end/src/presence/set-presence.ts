import type { Connections } from '../connections.ts';
import type { PublishedState } from './state.ts';

export interface SetPresenceRequest {
  accountId: number;
  credentialVersion: number;
  /** Null: what was said by hand is taken back. */
  state: PublishedState | null;
  /** Seconds; absent: until it is taken back. */
  expires?: number;
  now?: Date;
}

export type SetPresenceOutcome =
  /** `changed`: publish the account's id on the bus, topic `presence`. */
  { outcome: 'set'; changed: boolean } | { outcome: 'credentials_changed' };

/** What the user says by hand, for all endpoints. */
export async function setPresence(
  _connections: Connections,
  _request: SetPresenceRequest,
): Promise<SetPresenceOutcome> {
  throw new Error('not yet');
}

/** What the user has said by hand; undefined: nothing, or it has expired. */
export async function getPresence(
  _connections: Connections,
  _request: { accountId: number; now?: Date },
): Promise<{ state: PublishedState; version: number; expiresAt?: Date } | undefined> {
  throw new Error('not yet');
}
