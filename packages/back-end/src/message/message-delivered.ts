import { checkText } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';

export interface MessageDeliveredRequest {
  accountId: number;
  messageId: number;
  /** Which of the HTTP endpoints that a message is for has acknowledged; absent: no matter which. */
  instance?: string;
  /** Of `takeMessages`: it lasts for another 60 s. */
  claim?: number;
  now?: Date;
}

export interface MessageDeliveredOutcome {
  /** `acknowledged`: other instances have yet to; `unknown`: removed before. */
  outcome: 'removed' | 'acknowledged' | 'unknown';
  /** Publish the account's id on the bus, topic `presence`. */
  changed: boolean;
}

/** Removes a message that an endpoint has; saying so again does nothing. */
export async function messageDelivered(
  connections: Connections,
  request: MessageDeliveredRequest,
): Promise<MessageDeliveredOutcome> {
  checkText('instance', request.instance);
  const { accountId, messageId, instance, claim, now } = request;
  const rows = await connections.call({
    name: 'message_delivered',
    text: 'select * from api.message_delivered($1, $2, $3, $4, coalesce($5, now()))',
    values: [accountId, messageId, instance, claim, now],
  });
  const [outcome, changed] = rows[0] as [MessageDeliveredOutcome['outcome'], boolean];
  return { outcome, changed };
}
