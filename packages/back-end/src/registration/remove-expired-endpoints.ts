import type { Connections } from '../connections.ts';

export interface RemoveExpiredEndpointsOutcome {
  removed: ExpiredEndpoint[];
  /** Accounts of which notifications are due: publish their ids on the bus, topic `presence`. */
  changed: number[];
  /** There may be more to do: call again at once. */
  more: boolean;
}

export interface ExpiredEndpoint {
  accountId: number;
  id: number;
  uri: string;
  instance: string | null;
  callId: string;
  cseq: number;
  expiredAt: Date;
  frontEndId: number;
  flow: string;
}

/** Removes endpoints whose time has passed, in one small transaction; one front end works at a time. */
export async function removeExpiredEndpoints(
  connections: Connections,
  request: { limit?: number; now?: Date } = {},
): Promise<RemoveExpiredEndpointsOutcome> {
  const limit = request.limit ?? 500;
  const rows = await connections.call({
    name: 'remove_expired_endpoints',
    text: 'select * from api.remove_expired_endpoints($1, coalesce($2, now()))',
    values: [limit, request.now],
  });
  const removed = rows
    .filter(([outcome]) => outcome === 'removed')
    .map(([, accountId, id, uri, instance, callId, cseq, expiredAt, frontEndId, flow]) => {
      return { accountId, id, uri, instance, callId, cseq, expiredAt, frontEndId, flow } as ExpiredEndpoint;
    });
  const changed = rows.filter(([outcome]) => outcome === 'changed').map(([, accountId]) => accountId as number);
  return { removed, changed, more: rows.length - changed.length >= limit };
}
