import { checkInteger } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { checkActor, checkState } from './publish.ts';
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
export async function setPresence(connections: Connections, request: SetPresenceRequest): Promise<SetPresenceOutcome> {
  const { accountId, credentialVersion, state, expires, now } = request;
  checkActor({ accountId, credentialVersion });
  checkState(state);
  checkInteger('expires', expires, 1, 0x7fff_ffff);
  const rows = await connections.call({
    name: 'set_presence',
    text: 'select * from api.set_presence($1, $2, $3, $4, coalesce($5, now()))',
    values: [accountId, credentialVersion, state && JSON.stringify(state), expires, now],
  });
  const [outcome, changed] = rows[0] as [SetPresenceOutcome['outcome'], boolean];
  return outcome === 'set' ? { outcome, changed } : { outcome };
}

/** What the user has said by hand; undefined: nothing, or it has expired. */
export async function getPresence(
  connections: Connections,
  { accountId, now }: { accountId: number; now?: Date },
): Promise<{ state: PublishedState; version: number; expiresAt?: Date } | undefined> {
  const [row] = await connections.call({
    name: 'get_presence',
    text: 'select * from api.get_presence($1, coalesce($2, now()))',
    values: [accountId, now],
  });
  if (!row) return undefined;
  const [state, version, expiresAt] = row as [PublishedState, number, Date | null];
  return { state, version, ...(expiresAt && { expiresAt }) };
}
