import type { Notification } from '@rollcall/back-end';

/** What a notification says. `head` are its Content-Type line and what else goes with the body, with their line ends. */
export interface NotifyBody {
  readonly head: string;
  readonly bytes: Buffer;
}

export const NOTHING: NotifyBody = { head: '', bytes: Buffer.alloc(0) };

export interface NotifyOptions {
  via: string;
  /** Without brackets: where requests of the watcher are to go. */
  contact: string;
  /** `active` or `terminated`, with parameters. */
  state: string;
  body: NotifyBody;
}

/** A NOTIFY (RFC 6665 §4.2.2) as it goes on the wire. A fan-out makes thousands of them: so it is one text, and no Headers. */
export function notifyText(
  notification: Pick<Notification, 'dialog' | 'event' | 'eventId' | 'cseq' | 'isList'>,
  { via, contact, state, body }: NotifyOptions,
): Buffer {
  const { dialog, event, eventId, cseq } = notification;
  const routes = dialog.routeSet.length === 0 ? '' : `Route: ${dialog.routeSet.join('\r\nRoute: ')}\r\n`;
  const id = eventId === undefined ? '' : `;id=${eventId}`;
  const require = notification.isList ? 'Require: eventlist\r\n' : '';
  const text =
    `NOTIFY ${dialog.remoteTarget} SIP/2.0\r\nVia: ${via}\r\nMax-Forwards: 70\r\n${routes}` +
    `From: <${dialog.localUri}>;tag=${dialog.localTag}\r\nTo: <${dialog.remoteUri}>;tag=${dialog.remoteTag}\r\n` +
    `Call-ID: ${dialog.callId}\r\nCSeq: ${cseq} NOTIFY\r\nContact: <${contact}>\r\n` +
    `Event: ${event}${id}\r\nSubscription-State: ${state}\r\n${require}${body.head}` +
    `Content-Length: ${body.bytes.length}\r\n\r\n`;
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(length + body.bytes.length);
  bytes.write(text);
  body.bytes.copy(bytes, length);
  return bytes;
}

/** What lists are held back for in any case, ms. */
const LIST_INTERVAL = 500;

/** RFC 6665 §4.1.3. `expiresIn` in seconds; none left: it ends. */
export function subscriptionState(
  { expiresIn, isList, minInterval = 0 }: Pick<Notification, 'expiresIn' | 'isList'> & { minInterval?: number },
  reason: string,
): string {
  if (expiresIn <= 0) return `terminated;reason=${reason}`;
  const rate = minInterval > (isList ? LIST_INTERVAL : 0) ? rateOf(minInterval) : '';
  return `active;expires=${Math.ceil(expiresIn)}${rate}`;
}

/** RFC 6446 §4.3: the rate that holds, also as the interval of the drafts before it. */
function rateOf(ms: number): string {
  return `;max-rate=${Number((1000 / ms).toFixed(10))};min-interval=${ms / 1000}`;
}
