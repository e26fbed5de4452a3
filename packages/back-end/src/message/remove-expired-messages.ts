import type { Connections } from '../connections.ts';

export interface RemoveExpiredMessagesOutcome {
  removed: number;
  /** There may be more to do: call again at once. */
  more: boolean;
}

/** Removes messages whose time has passed, in one small transaction. */
export async function removeExpiredMessages(
  _connections: Connections,
  _request: { limit?: number; now?: Date } = {},
): Promise<RemoveExpiredMessagesOutcome> {
  throw new Error('not yet');
}
