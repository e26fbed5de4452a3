import type { Role } from '../account/add-account.ts';
import type { AddressOfRecord } from '../account/address-of-record.ts';
import type { Connections } from '../connections.ts';
import { checkSession } from './session.ts';

export interface RefreshSessionRequest {
  accountId: number;
  /** A UUID. */
  sessionId: string;
  /** SHA-256 of the halves of the token that is used now, and of the secret half of the next one. */
  familyHash: Buffer;
  secretHash: Buffer;
  newSecretHash: Buffer;
  /** Seconds. */
  lifetime: number;
  now?: Date;
}

export type RefreshSessionOutcome =
  | ({ outcome: 'refreshed'; role: Role; credentialVersion: number } & AddressOfRecord)
  | { outcome: 'session_unknown' }
  /** The token was used before: the session is closed. */
  | { outcome: 'reused' };

export async function refreshSession(
  connections: Connections,
  request: RefreshSessionRequest,
): Promise<RefreshSessionOutcome> {
  const { accountId, sessionId, familyHash, secretHash, newSecretHash, lifetime, now } = request;
  checkSession({ accountId, sessionId, credentialVersion: 0 });
  const rows = await connections.call({
    name: 'refresh_session',
    text: 'select * from api.refresh_session($1, $2, $3, $4, $5, make_interval(secs => $6), coalesce($7, now()))',
    values: [accountId, sessionId, familyHash, secretHash, newSecretHash, lifetime, now],
  });
  const [outcome, user, domain, role, credentialVersion] = rows[0]!;
  return (
    outcome === 'refreshed' ? { outcome, user, domain, role, credentialVersion } : { outcome }
  ) as RefreshSessionOutcome;
}
