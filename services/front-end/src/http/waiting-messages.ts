import { isUtf8 } from 'node:buffer';
import type { FoundMessage, WaitingMessage } from '@rollcall/back-end';
import { parseNameAddr, SipParseError } from '@rollcall/sip';
import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { shownUri } from './address.ts';
import { tokenInvalid } from './authorize.ts';
import { shownCpim } from './cpim-message.ts';
import { storedInstance } from './instance.ts';

export type ShownMessage = ReturnType<typeof shownMessage>;

/** A message that waits, as the API shows it. */
export function shownMessage({
  id,
  from,
  to,
  callId,
  contentType,
  headers,
  body,
  storedAt,
  expiresAt,
}: WaitingMessage) {
  const header = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const sentAt = new Date(header('date') ?? Number.NaN);
  const text = isUtf8(body);
  return {
    id,
    ...sender(from),
    to: shownUri(to),
    callId,
    subject: header('subject') ?? null,
    contentType,
    body: body.toString(text ? 'utf8' : 'base64'),
    encoding: text ? 'utf-8' : 'base64',
    cpim: shownCpim({ contentType, body }),
    /** When it was sent (RFC 3428 §8). */
    at: (Number.isNaN(sentAt.getTime()) ? storedAt : sentAt).toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}

/** What waits for everybody, and for this instance when one is named. */
export async function listMessages(
  frontEnd: FrontEnd,
  { accountId }: TokenHolder,
  { instance, after, limit }: { instance?: string | undefined; after?: number | undefined; limit: number },
): Promise<{ messages: ShownMessage[]; next: number | null }> {
  const found: FoundMessage[] = await frontEnd.backEnd.findMessages({
    ...{ accountId, limit },
    ...(instance !== undefined && { instance: storedInstance(instance) }),
    ...(after !== undefined && { after }),
  });
  const last = found.length < limit ? undefined : found.at(-1);
  return { messages: found.map(shownMessage), next: last?.id ?? null };
}

/** The client has it. Saying so again does nothing. */
export async function acknowledgeMessage(
  frontEnd: FrontEnd,
  holder: TokenHolder,
  { messageId, instance }: { messageId: number; instance: string },
): Promise<void> {
  if (!(await frontEnd.backEnd.sessionHolds(holder))) throw tokenInvalid();
  const { accountId } = holder;
  const delivered = { accountId, messageId, instance: storedInstance(instance) };
  const { changed } = await frontEnd.backEnd.messageDelivered(delivered);
  if (changed) frontEnd.notifier.changed([accountId]);
  // The front end that its sender waits at hears that it has arrived.
  frontEnd.bus.publish('message', [`${accountId}/${messageId}`]);
}

/** `alice@example.org` and her display name. */
function sender(from: string): { from: string; fromName: string | null } {
  try {
    const { uri, displayName } = parseNameAddr(from);
    return { from: shownUri(uri), fromName: displayName || null };
  } catch (error) {
    if (error instanceof SipParseError) return { from, fromName: null };
    throw error;
  }
}
