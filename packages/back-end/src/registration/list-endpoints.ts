import { checkText } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';

export interface ListEndpointsRequest {
  user?: string;
  domain?: string;
  /** The last endpoint of the page before. */
  after?: { accountId: number; id: number };
  /** Default 1,000. */
  limit?: number;
  now?: Date;
}

export interface ListedEndpoint {
  accountId: number;
  id: number;
  user: string;
  domain: string;
  uri: string;
  transport: string;
  frontEndId: number;
  flow: string;
  receivedFrom: string;
  userAgent: string | null;
  instance: string | null;
  regId: number | null;
  q: number | null;
  path: string[];
  callId: string;
  cseq: number;
  incarnation: number;
  registeredAt: Date;
  refreshedAt: Date;
  expiresAt: Date;
}

/** A page of the endpoints that are registered, by account and age. */
export async function listEndpoints(
  connections: Connections,
  request: ListEndpointsRequest = {},
): Promise<ListedEndpoint[]> {
  checkText('user', request.user);
  checkText('domain', request.domain);
  const rows = await connections.call({
    name: 'list_endpoints',
    text: 'select * from api.list_endpoints($1, $2, $3, $4, $5, coalesce($6, now()))',
    values: [
      request.after?.accountId ?? 0,
      request.after?.id ?? 0,
      request.limit ?? 1_000,
      request.user,
      request.domain,
      request.now,
    ],
  });
  return rows.map((row) => {
    const [accountId, id, user, domain, uri, transport, frontEndId, flow, receivedFrom, userAgent, instance] = row;
    const [regId, q, path, callId, cseq, incarnation, registeredAt, refreshedAt, expiresAt] = row.slice(11);
    return {
      ...{ accountId, id, user, domain, uri, transport, frontEndId, flow, receivedFrom, userAgent, instance },
      ...{ regId, q, path, callId, cseq, incarnation, registeredAt, refreshedAt, expiresAt },
    } as ListedEndpoint;
  });
}
