import type { StoreMessageOutcome } from '@rollcall/back-end';
import {
  callId,
  cseq,
  expires,
  formatNameAddr,
  forwardedRequest,
  from,
  Parameters,
  type SipRequest,
  to,
} from '@rollcall/sip';
import { sipDate } from './answer.ts';
import type { FrontEnd } from './context.ts';
import type { Forwarding } from './forwarding.ts';

/** What a message keeps beside its body when it waits. */
const KEPT = [
  ...[
    'Accept-Contact',
    'Accept-Language',
    'Content-Disposition',
    'Content-Encoding',
    'Content-Language',
    'Geolocation',
  ],
  ...['In-Reply-To', 'Organization', 'P-Asserted-Identity', 'Priority', 'Reply-To', 'Subject'],
];

/** RFC 3994: that somebody is typing means nothing later. */
export function mayWait(request: SipRequest): boolean {
  return !/^\s*application\/im-iscomposing\+xml/i.test(request.headers.get('Content-Type') ?? '');
}

/**
 * Commits a message for an account, with the time at which it was sent (RFC 3428 §8); for certain HTTP endpoints, or for
 * whichever endpoint comes first.
 */
export function storeMessage(
  { backEnd, settings }: FrontEnd,
  accountId: number,
  { request, remove, add }: Pick<Forwarding, 'request' | 'remove' | 'add'>,
  instances?: readonly string[],
): Promise<StoreMessageOutcome> {
  // As it would have gone on: what its sender asserts of itself counts for nothing later either (RFC 3325 §5).
  const { headers } = forwardedRequest(request, { remove, prepend: add });
  const kept = KEPT.flatMap((name) => headers.getAll(name).map((value) => [name, value] as const));
  return backEnd.storeMessage({
    accountId,
    from: sentBy(request),
    to: to(request).uri,
    callId: callId(request),
    cseq: cseq(request).sequence,
    contentType: headers.get('Content-Type') ?? 'text/plain',
    headers: [['Date', headers.get('Date') ?? sipDate(Date.now())], ...kept],
    body: request.body,
    expiresIn: Math.min(expires(request) ?? settings.messageLifetime, settings.messageLifetime),
    ...(instances && { instances }),
    maximumMessages: settings.maxWaitingMessages,
    maximumBytes: settings.maxWaitingBytes,
  });
}

/** The name and address of its sender, without the tag. */
function sentBy(request: SipRequest): string {
  return formatNameAddr({ ...from(request), parameters: new Parameters() });
}
