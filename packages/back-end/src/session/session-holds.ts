import type { Connections } from '../connections.ts';
import { checkSession, type SessionReference } from './session.ts';

/** Whether the session is open and its account as it was when the token was made. */
export async function sessionHolds(
  connections: Connections,
  request: SessionReference & { now?: Date },
): Promise<boolean> {
  checkSession(request);
  const rows = await connections.call({
    name: 'session_holds',
    text: 'select api.session_holds($1, $2, $3, null, coalesce($4, now()))',
    values: [request.accountId, request.sessionId, request.credentialVersion, request.now],
  });
  return rows[0]![0] as boolean;
}
