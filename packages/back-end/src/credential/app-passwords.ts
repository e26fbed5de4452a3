import { checkInteger, checkText } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { checkSession, type SessionReference } from '../session/session.ts';
import { type Ha1s, ha1Bytes } from './ha1.ts';

/** For whom: an account in a session of its own, or any account by an administrator's command. */
export type AppPasswordOwner = SessionReference | { accountId: number; sessionId?: never };

export type AddAppPasswordRequest = AppPasswordOwner & {
  /** What the user calls the device by. */
  name: string;
  /** For the account's own user name and realm. */
  ha1: Ha1s;
  /** How many an account may have; default 16. */
  maximum?: number;
  now?: Date;
};

export type AddAppPasswordOutcome =
  | { outcome: 'added'; id: number }
  | { outcome: 'too_many' | 'session_closed' | 'account_unknown' };

export interface AppPassword {
  id: number;
  name: string;
  createdAt: Date;
}

/** Each is one hash more for a wrong Digest response. */
const MAXIMUM = 16;

/** Another password of the account, for one device. */
export async function addAppPassword(
  connections: Connections,
  request: AddAppPasswordRequest,
): Promise<AddAppPasswordOutcome> {
  const { name, ha1, maximum = MAXIMUM, now } = request;
  checkText('name', name);
  const rows = await connections.call({
    name: 'add_app_password',
    text: 'select * from api.add_app_password($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, now()))',
    values: [
      ...owner(request),
      ...[name, ha1Bytes(ha1.MD5), ha1Bytes(ha1['SHA-256']), ha1Bytes(ha1['SHA-512-256']), maximum, now],
    ],
  });
  const [outcome, id] = rows[0]!;
  return (outcome === 'added' ? { outcome, id } : { outcome }) as AddAppPasswordOutcome;
}

/** The oldest first. */
export async function listAppPasswords(connections: Connections, accountId: number): Promise<AppPassword[]> {
  const rows = await connections.call({
    name: 'list_app_passwords',
    text: 'select * from api.list_app_passwords($1)',
    values: [accountId],
  });
  return rows.map(([id, name, createdAt]) => ({ id, name, createdAt }) as AppPassword);
}

/** What any password of the account has proved is void; tell the pool with publishAccountChange. Sessions go on. */
export async function removeAppPassword(
  connections: Connections,
  request: AppPasswordOwner & { id: number; now?: Date },
): Promise<'removed' | 'app_password_unknown' | 'session_closed'> {
  checkInteger('id', request.id, 0, 0x7fff_ffff);
  const rows = await connections.call({
    name: 'remove_app_password',
    text: 'select * from api.remove_app_password($1, $2, $3, $4, coalesce($5, now()))',
    values: [...owner(request), request.id, request.now],
  });
  return rows[0]![0] as 'removed' | 'app_password_unknown' | 'session_closed';
}

function owner(request: AppPasswordOwner): (number | string | null)[] {
  if (request.sessionId === undefined) return [request.accountId, null, null];
  checkSession(request);
  return [request.accountId, request.sessionId, request.credentialVersion];
}
