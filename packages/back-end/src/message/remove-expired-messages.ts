import type { Connections } from '../connections.ts';

export interface RemoveExpiredMessagesOutcome {
  removed: number;
  /** There may be more to do: call again at once. */
  more: boolean;
  /** Accounts whose ids are to be published, topic `presence`. */
  changed: number[];
}

/** Removes messages whose time has passed, in one small transaction; one front end works at a time. */
export async function removeExpiredMessages(
  connections: Connections,
  request: { limit?: number; now?: Date } = {},
): Promise<RemoveExpiredMessagesOutcome> {
  const rows = await connections.call({
    name: 'remove_expired_messages',
    text: 'select * from api.remove_expired_messages($1, coalesce($2, now()))',
    values: [request.limit ?? 500, request.now],
  });
  const [removed, more, changed] = rows[0] as [number, boolean, unknown[]];
  return { removed, more, changed: changed.map(Number) };
}
