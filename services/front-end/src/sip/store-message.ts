import type { StoreMessageOutcome } from '@rollcall/back-end';
import {
  type CpimMessage,
  callId,
  cpimContentHeader,
  cseq,
  expires,
  formatNameAddr,
  forwardedRequest,
  from,
  isCpim,
  Parameters,
  parseCpim,
  SipParseError,
  type SipRequest,
  to,
  withDateTime,
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
  ...['In-Reply-To', 'Organization', 'P-Asserted-Identity', 'Priority', 'Privacy', 'Reply-To', 'Subject'],
];

/** RFC 3994: that somebody is typing means nothing later; nor does what has expired by then (RFC 3428 §8). */
export function mayWait(request: SipRequest): boolean {
  if (expires(request) === 0) return false;
  const cpim = readCpim(request);
  return !(
    isComposing(request.headers.get('Content-Type')) || isComposing(cpim && cpimContentHeader(cpim, 'Content-Type'))
  );
}

function isComposing(contentType: string | undefined): boolean {
  return /^\s*application\/im-iscomposing\+xml/i.test(contentType ?? '');
}

/** Undefined for what is no CPIM, or malformed: that goes on as it came. */
function readCpim({ headers, body }: SipRequest): CpimMessage | undefined {
  if (!isCpim(headers.get('Content-Type'))) return undefined;
  try {
    return parseCpim(body);
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

/**
 * Commits a message for an account as it would go on now, with the time at which it was sent (RFC 3428 §8); for certain HTTP
 * endpoints, or for whichever endpoint comes first.
 */
export async function storeMessage(
  { backEnd, notifier, settings }: FrontEnd,
  accountId: number,
  { request, remove, add }: Pick<Forwarding, 'request' | 'remove' | 'add'>,
  instances?: readonly string[],
): Promise<StoreMessageOutcome> {
  // As it would have gone on: what its sender asserts of itself counts for nothing later either (RFC 3325 §5).
  const { headers } = forwardedRequest(request, { remove, prepend: add });
  const kept = KEPT.flatMap((name) => headers.getAll(name).map((value) => [name, value] as const));
  const date = headers.get('Date') ?? sipDate(Date.now());
  const stored = await backEnd.storeMessage({
    accountId,
    from: sentBy(request),
    to: to(request).uri,
    callId: callId(request),
    cseq: cseq(request).sequence,
    contentType: headers.get('Content-Type') ?? 'text/plain',
    headers: [['Date', date], ...kept],
    body: readCpim(request) ? withDateTime(request.body, timeOf(date)) : request.body,
    expiresIn: Math.min(expires(request) ?? settings.messageLifetime, settings.messageLifetime),
    ...(instances && { instances }),
    maximumMessages: settings.maxWaitingMessages,
    maximumBytes: settings.maxWaitingBytes,
  });
  if (stored.outcome === 'stored' && stored.changed) notifier.changed([accountId]);
  return stored;
}

/** Of a Date header field that is none: now. */
function timeOf(date: string): Date {
  const time = new Date(date);
  return Number.isNaN(time.getTime()) ? new Date() : time;
}

/** The name and address of its sender, without the tag. */
function sentBy(request: SipRequest): string {
  return formatNameAddr({ ...from(request), parameters: new Parameters() });
}
