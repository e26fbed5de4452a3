import type { Connections } from '../connections.ts';
import { type ReachableEndpoint, readReachable } from './message.ts';

export interface KeepMessageRequest {
  accountId: number;
  messageId: number;
  now?: Date;
}

export interface KeepMessageOutcome {
  /** `delivered`: one of its instances has acknowledged, it stays for the others; `unknown`: all have, or it has expired. */
  outcome: 'kept' | 'delivered' | 'unknown';
  /** Who may take it now: an endpoint that has registered meanwhile was told of no message for it. */
  endpoints: ReachableEndpoint[];
}

/** Makes a message that was for certain HTTP endpoints everybody's. */
export async function keepMessage(connections: Connections, request: KeepMessageRequest): Promise<KeepMessageOutcome> {
  const rows = await connections.call({
    name: 'keep_message',
    text: 'select * from api.keep_message($1, $2, coalesce($3, now()))',
    values: [request.accountId, request.messageId, request.now],
  });
  const outcome = rows[0]![0] as KeepMessageOutcome['outcome'];
  return { outcome, endpoints: readReachable(rows.map((row) => row.slice(1))) };
}
