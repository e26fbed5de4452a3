import type { Connections } from '../connections.ts';

export interface KeepMessageRequest {
  accountId: number;
  messageId: number;
}

export interface KeepMessageOutcome {
  /** `delivered`: one of its instances has acknowledged, it stays for the others; `unknown`: all have, or it has expired. */
  outcome: 'kept' | 'delivered' | 'unknown';
}

/** Makes a message that was for certain HTTP endpoints everybody's. */
export async function keepMessage(
  _connections: Connections,
  _request: KeepMessageRequest,
): Promise<KeepMessageOutcome> {
  throw new Error('not yet');
}
