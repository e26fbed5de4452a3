import type { AddressOfRecord } from '../account/address-of-record.ts';
import type { Connections } from '../connections.ts';
import type { VerifiedCredentials } from '../registration/register.ts';
import type { PublishedState } from './state.ts';

/** Who acts: an account whose credentials were verified, or (in a trusted network) the one that has this address. */
export type Actor = VerifiedCredentials | AddressOfRecord;

export interface PublishRequest {
  actor: Actor;
  /** Must be an address of the actor's. */
  target: AddressOfRecord;
  event: 'presence' | 'dialog';
  /** Of the publication that is to be refreshed, changed or removed; absent: a new one. */
  etag?: string;
  /** Absent: a refresh, or, with expires 0, a removal. */
  state?: PublishedState | { document: string };
  /** Seconds; 0 removes. */
  expires: number;
  /** Finds the endpoint that the publication belongs to, and ends with. */
  flow?: { frontEndId: number; flow: string };
  /** The same, for HTTP endpoints. */
  instance?: string;
  now?: Date;
}

export type PublishOutcome =
  /** `changed`: notifications are due: publish the account's id on the bus, topic `presence`. etag: absent after a removal. */
  | { outcome: 'published'; accountId: number; etag: string; expires: number; changed: boolean }
  /** 412: no publication has this entity tag. */
  | { outcome: 'no_match' }
  /** The actor's password or state has changed since its credentials were verified. */
  | { outcome: 'credentials_changed' }
  | { outcome: 'not_own_address' }
  /** No such account. */
  | { outcome: 'unknown' }
  | { outcome: 'disabled' };

/** api.publish for a batch of distinct accounts (RFC 3903 §6). */
export async function publish(
  _connections: Connections,
  _requests: readonly PublishRequest[],
): Promise<PublishOutcome[]> {
  throw new Error('not yet');
}
