import type { Connections } from '../connections.ts';
import type { WaitingMessage } from './message.ts';

export interface FindMessagesRequest {
  accountId: number;
  /** Everybody's and those for this instance; absent: everybody's alone. */
  instance?: string;
  /** The last message id that was read. */
  after?: number;
  limit: number;
  now?: Date;
}

export interface FoundMessage extends WaitingMessage {
  /** Everybody's, and being delivered to some endpoint now: another one better waits for the outcome. */
  inDelivery: boolean;
}

/** What waits for an account, in order. */
export async function findMessages(_connections: Connections, _request: FindMessagesRequest): Promise<FoundMessage[]> {
  throw new Error('not yet');
}
