import { checkInteger, checkText } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { type EndpointRemoval, endpointRemoval } from '../registration/removal.ts';
import { checkSession, type SessionReference } from './session.ts';

export interface RegisterInSessionRequest extends SessionReference {
  /** As in a Contact header, e.g. `<urn:uuid:…>`. */
  instance: string;
  /** Canonical text of `uri`. */
  key: string;
  uri: string;
  /** Seconds; 0 removes. */
  expires: number;
  maximumEndpoints: number;
  frontEndId: number;
  /** 'ip:port' */
  receivedFrom: string;
  userAgent?: string;
  now?: Date;
}

export type RegisterInSessionOutcome =
  /** `endpoints`: all live ones of the account. `removed`: those that left for newer ones. `messagesWaiting`: `findMessages`. */
  | {
      outcome: 'registered';
      endpoints: HttpRegisteredEndpoint[];
      removed: EndpointRemoval[];
      messagesWaiting: boolean;
      /** Notifications are due: publish the account's id on the bus, topic `presence`. */
      notificationsDue: boolean;
    }
  | { outcome: 'endpoint_unknown' }
  /** The session, the account or its password is not what it was. */
  | { outcome: 'session_closed' };

export interface HttpRegisteredEndpoint {
  id: number;
  uri: string;
  /** Seconds. */
  expiresIn: number;
  instance: string | null;
  /** This request has made it. */
  isNew: boolean;
}

/** Registers or removes one HTTP endpoint; the session is checked by the same transaction. */
export async function registerInSession(
  connections: Connections,
  request: RegisterInSessionRequest,
): Promise<RegisterInSessionOutcome> {
  checkSession(request);
  for (const name of ['instance', 'key', 'uri', 'receivedFrom', 'userAgent'] as const) checkText(name, request[name]);
  checkInteger('expires', request.expires, 0, 0x7fff_ffff);
  const { accountId, credentialVersion, sessionId, instance, key, uri, expires, maximumEndpoints } = request;
  const rows = await connections.call({
    name: 'register_in_session',
    text: 'select * from api.register_in_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12, now()))',
    values: [
      ...[accountId, credentialVersion, sessionId, instance, key, uri, expires, maximumEndpoints],
      ...[request.frontEndId, request.receivedFrom, request.userAgent, request.now],
    ],
  });
  const first = rows[0]![0];
  if (first === 'endpoint_unknown' || first === 'session_closed') return { outcome: first };
  const endpoints: HttpRegisteredEndpoint[] = [];
  const removed: EndpointRemoval[] = [];
  for (const row of rows) {
    const [outcome, id, uri, expiresIn, instance, isNew, frontEndId, flow] = row as [
      ...[string, number | null, string, number, string | null, boolean, number, string],
    ];
    if (id === null) continue;
    if (outcome === 'registered') endpoints.push({ id, uri, expiresIn, instance, isNew });
    else removed.push(endpointRemoval(accountId, { id, frontEndId, flow, instance }, 'quota'));
  }
  const [messagesWaiting, notificationsDue] = [8, 9].map((column) => rows.some((row) => row[column] === true));
  return {
    outcome: 'registered',
    endpoints,
    removed,
    messagesWaiting: messagesWaiting!,
    notificationsDue: notificationsDue!,
  };
}
