import type { Connections } from '../connections.ts';

export interface CheckPresenceOutcome {
  /** Accounts of which notifications are due: publish their ids on the bus, topic `presence`. */
  changed: number[];
  /** When there is something to check next. */
  nextAt?: Date;
  /** Call again at once. */
  more: boolean;
}

/** Sees to what time alone changes: endpoints and publications that expire. Any front end may call it, several at once. */
export async function checkPresence(
  connections: Connections,
  { limit = 500, now }: { limit?: number; now?: Date } = {},
): Promise<CheckPresenceOutcome> {
  const [row] = await connections.call({
    name: 'check_presence',
    text: 'select * from api.check_presence($1, coalesce($2, now()))',
    values: [limit, now],
  });
  const [changed, nextAt, more] = row as [unknown[], Date | null, boolean];
  return { changed: changed.map(Number), more, ...(nextAt && { nextAt }) };
}
