import type { Connections } from '../connections.ts';
import { checkSession } from './session.ts';

/** Voids the session's refresh token, and its access tokens for whatever writes. */
export async function closeSession(
  connections: Connections,
  { accountId, sessionId }: { accountId: number; sessionId: string },
): Promise<'closed' | 'session_unknown'> {
  checkSession({ accountId, sessionId, credentialVersion: 0 });
  const rows = await connections.call({
    name: 'close_session',
    text: 'select * from api.close_session($1, $2)',
    values: [accountId, sessionId],
  });
  return rows[0]![0] as 'closed' | 'session_unknown';
}
