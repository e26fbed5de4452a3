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
  _connections: Connections,
  _request: { limit?: number; now?: Date } = {},
): Promise<CheckPresenceOutcome> {
  throw new Error('not yet');
}
