import type { Connections } from '../connections.ts';
import type { ReachableEndpoint } from './message.ts';

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
  _connections: Connections,
  _request: ReleaseMessagesRequest,
): Promise<ReleaseMessagesOutcome> {
  throw new Error('not yet');
}
