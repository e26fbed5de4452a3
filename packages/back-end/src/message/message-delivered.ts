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
}

/** Removes a message that an endpoint has; saying so again does nothing. */
export async function messageDelivered(
  _connections: Connections,
  _request: MessageDeliveredRequest,
): Promise<MessageDeliveredOutcome> {
  throw new Error('not yet');
}
