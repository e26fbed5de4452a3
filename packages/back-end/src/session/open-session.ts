import type { Role } from '../account/add-account.ts';
import type { Connections } from '../connections.ts';
import { checkSession, type SessionReference } from './session.ts';

export interface OpenSessionRequest extends SessionReference {
  /** SHA-256 of the two halves of the refresh token. */
  familyHash: Buffer;
  secretHash: Buffer;
  /** Seconds until the refresh token expires. */
  lifetime: number;
  /** Sessions of an account at one time; the one refreshed longest ago leaves. */
  maximum: number;
  now?: Date;
}

export type OpenSessionOutcome =
  | { outcome: 'opened'; role: Role }
  /** Another password since it was checked, or no such account. */
  | { outcome: 'credentials_changed' | 'account_disabled' };

export async function openSession(connections: Connections, request: OpenSessionRequest): Promise<OpenSessionOutcome> {
  checkSession(request);
  const { accountId, credentialVersion, sessionId, familyHash, secretHash, lifetime, maximum, now } = request;
  const rows = await connections.call({
    name: 'open_session',
    text: 'select * from api.open_session($1, $2, $3, $4, $5, make_interval(secs => $6), $7, coalesce($8, now()))',
    values: [accountId, credentialVersion, sessionId, familyHash, secretHash, lifetime, maximum, now],
  });
  const [outcome, role] = rows[0]!;
  return (outcome === 'opened' ? { outcome, role } : { outcome }) as OpenSessionOutcome;
}
