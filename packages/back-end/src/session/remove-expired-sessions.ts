import type { Connections } from '../connections.ts';

export interface RemoveExpiredSessionsRequest {
  /** Of each kind; default 500. */
  limit?: number;
  /** Seconds that events are kept; default 3,600. */
  eventsAge?: number;
  now?: Date;
}

export interface RemoveExpiredSessionsOutcome {
  sessions: number;
  events: number;
  /** There may be more to do: call again at once. */
  more: boolean;
}

/** Removes sessions that have expired and events that are old, in one small transaction. */
export async function removeExpiredSessions(
  connections: Connections,
  request: RemoveExpiredSessionsRequest = {},
): Promise<RemoveExpiredSessionsOutcome> {
  const limit = request.limit ?? 500;
  const rows = await connections.call({
    name: 'remove_expired_sessions',
    text: 'select * from api.remove_expired_sessions($1, make_interval(secs => $2), coalesce($3, now()))',
    values: [limit, request.eventsAge ?? 3600, request.now],
  });
  const [sessions, events] = rows[0] as [number, number];
  return { sessions, events, more: sessions >= limit || events >= limit };
}
