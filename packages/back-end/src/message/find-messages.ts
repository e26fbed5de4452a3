import { checkText } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { readMessage, type WaitingMessage } from './message.ts';

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
export async function findMessages(connections: Connections, request: FindMessagesRequest): Promise<FoundMessage[]> {
  checkText('instance', request.instance);
  const { accountId, instance, after, limit, now } = request;
  const rows = await connections.call({
    name: 'find_messages',
    text: 'select * from api.find_messages($1, $2, $3, $4, coalesce($5, now()))',
    values: [accountId, instance, after, limit, now],
  });
  return rows.map((row) => ({ ...readMessage(row), inDelivery: row[10] as boolean }));
}
