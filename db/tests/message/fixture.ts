/** Messages for the tests of their procedures. */
import type { BackEnd, StoreMessageRequest, WaitingMessage } from '../../../packages/back-end/src/index.ts';
import { NOON } from '../fixture.ts';

/** A text from alice at noon that waits for an hour, unless said otherwise. */
export function message(accountId: number, text: string, changes: Partial<StoreMessageRequest> = {}) {
  return {
    accountId,
    from: 'sip:alice@example.org',
    to: 'sip:bob@example.org',
    callId: `call-${text}`,
    contentType: 'text/plain',
    headers: [],
    body: Buffer.from(text),
    expiresIn: 3600,
    maximumMessages: 100,
    maximumBytes: 100_000,
    now: NOON,
    ...changes,
  } satisfies StoreMessageRequest;
}

/** Stores and gives the message's id; fails on any other outcome. */
export async function store(
  backEnd: BackEnd,
  accountId: number,
  text: string,
  changes: Partial<StoreMessageRequest> = {},
): Promise<number> {
  const stored = await backEnd.storeMessage(message(accountId, text, changes));
  if (stored.outcome !== 'stored') throw new Error(stored.outcome);
  return stored.messageId;
}

export const bodies = (messages: readonly WaitingMessage[]) => messages.map(({ body }) => body.toString());
