import { checkText } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { readMessage, type WaitingMessage } from './message.ts';

export interface TakeMessagesRequest {
  accountId: number;
  /** Who delivers, and to which endpoint. */
  frontEndId: number;
  endpointId: number;
  /** Of the endpoint: messages for this instance come along with everybody's. */
  instance?: string;
  limit: number;
  /** To go on: the claim of the former call, and the last message that was tried. Absent: a new delivery. */
  claim?: number;
  after?: number;
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
  connections: Connections,
  request: TakeMessagesRequest,
): Promise<TakeMessagesOutcome> {
  checkText('instance', request.instance);
  const { accountId, frontEndId, endpointId, instance, limit, claim, after, now } = request;
  const rows = await connections.call({
    name: 'take_messages',
    text: 'select * from api.take_messages($1, $2, $3, $4, $5, $6, $7, coalesce($8, now()))',
    values: [accountId, frontEndId, endpointId, instance, limit, claim, after, now],
  });
  const [outcome, taken] = rows[0] as [TakeMessagesOutcome['outcome'], number];
  if (outcome !== 'taken') return { outcome };
  return { outcome, claim: taken, messages: rows.map((row) => readMessage(row.slice(2))) };
}
