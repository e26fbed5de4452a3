import type { Connections } from '../connections.ts';
import type { ReachableEndpoint } from './message.ts';

export interface StoreMessageRequest {
  accountId: number;
  /** URIs as the sender wrote them. */
  from: string;
  to: string;
  callId: string;
  /** With it, the same request stored again (a retransmission that came to another front end) is the same message. */
  cseq?: number;
  contentType: string;
  /** To be sent again: Subject, Date … */
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer;
  /** Seconds. */
  expiresIn: number;
  /** Only for these HTTP endpoints; absent: whichever endpoint comes first. */
  instances?: readonly string[];
  maximumMessages: number;
  maximumBytes: number;
  now?: Date;
}

export type StoreMessageOutcome =
  /**
   * Committed. `endpoints`: those reachable now; one that the sender did not try on that front end and flow has registered
   * meanwhile, and was told of no message: deliver to it.
   */
  | { outcome: 'stored'; messageId: number; endpoints: ReachableEndpoint[] }
  | { outcome: 'quota_exceeded' }
  /** No such account. */
  | { outcome: 'unknown' };

export function checkStoreMessageRequest(_request: StoreMessageRequest): void {}

/** api.store_messages for a batch of distinct accounts; outcomes in the order of the requests. */
export async function storeMessages(
  _connections: Connections,
  _requests: readonly StoreMessageRequest[],
): Promise<StoreMessageOutcome[]> {
  throw new Error('not yet');
}
