import type { Connections } from '../connections.ts';
import { type ReachableEndpoint, readReachable } from './message.ts';

export interface ReleaseMessagesRequest {
  accountId: number;
  claim: number;
  now?: Date;
}

export interface ReleaseMessagesOutcome {
  /** `not_held`: the claim was no more. */
  outcome: 'released' | 'not_held';
  /** Messages still wait; `endpoints`: who may take them now. */
  waiting: boolean;
  endpoints: ReachableEndpoint[];
}

/** Ends a delivery before its end: what is left waits for the next. */
export async function releaseMessages(
  connections: Connections,
  request: ReleaseMessagesRequest,
): Promise<ReleaseMessagesOutcome> {
  const rows = await connections.call({
    name: 'release_messages',
    text: 'select * from api.release_messages($1, $2, coalesce($3, now()))',
    values: [request.accountId, request.claim, request.now],
  });
  const [outcome, waiting] = rows[0] as [ReleaseMessagesOutcome['outcome'], boolean];
  return { outcome, waiting, endpoints: readReachable(rows.map((row) => row.slice(2))) };
}
