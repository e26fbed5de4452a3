import type { Connections } from '../connections.ts';
import type { WaitingMessage } from './message.ts';

export interface TakeMessagesRequest {
  accountId: number;
  /** Who delivers, and to which endpoint. */
  frontEndId: number;
  endpointId: number;
  /** Of the endpoint: messages for this instance come along with everybody's. */
  instance?: string;
  limit: number;
  /** From the former call, to go on; absent: a new delivery. */
  claim?: number;
  now?: Date;
}

export type TakeMessagesOutcome =
  /**
   * In order. Nobody else gets any until `releaseMessages`, until `takeMessages` with this claim finds no more, until 60 s have
   * passed since the last call with this claim, or until the front end is dead.
   */
  | { outcome: 'taken'; claim: number; messages: WaitingMessage[] }
  /** Nothing waits; a claim is given back. */
  | { outcome: 'none' }
  /** Another delivery is under way, or this claim has run out and another one began. */
  | { outcome: 'claimed' };

/** Claims the messages that wait for an account, to deliver them one after the other. */
export async function takeMessages(
  _connections: Connections,
  _request: TakeMessagesRequest,
): Promise<TakeMessagesOutcome> {
  throw new Error('not yet');
}
