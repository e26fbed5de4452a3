import { isUtf8 } from 'node:buffer';
import {
  type CpimHeader,
  type CpimMessage,
  cpimAddresses,
  cpimAddressHeader,
  cpimContentHeader,
  cpimHeader,
  cpimText,
  formatCpim,
  imdnHeaders,
  imdnMessageId,
  isCpim,
  parseCpim,
  requestedNotifications,
  SipParseError,
} from '@rollcall/sip';
import { shownUri } from './address.ts';

/** What a client wants to say in the header fields of a CPIM message (RFC 3862), and of the notifications on it (RFC 5438). */
export interface CpimFields {
  from?: string;
  fromName?: string;
  to?: string;
  dateTime?: string;
  subject?: string;
  messageId?: string;
  notify?: string[];
}

export interface CpimContent {
  contentType: string;
  body: Buffer;
}

/** A `message/cpim` body around what is sent. `from` and `to`: URIs, where the fields name none. */
export function makeCpim(
  fields: CpimFields,
  { contentType, body }: CpimContent,
  { from, to }: { from: string; to: string },
): Buffer {
  const { fromName, subject, dateTime, messageId, notify = [] } = fields;
  const headers: CpimHeader[] = [
    cpimAddressHeader('From', fields.from === undefined ? from : asUri(fields.from), fromName),
    cpimAddressHeader('To', fields.to === undefined ? to : asUri(fields.to)),
    cpimHeader('DateTime', dateTime ?? new Date().toISOString()),
    ...(subject === undefined ? [] : [cpimHeader('Subject', subject)]),
    ...(messageId === undefined ? [] : imdnHeaders(messageId, notify)),
  ];
  const contentHeaders: [string, string][] = [['Content-Type', contentType]];
  // RFC 5438 §7.2.1.1: a notification says that it is one.
  if (/^message\/imdn\+xml/i.test(contentType)) contentHeaders.push(['Content-Disposition', 'notification']);
  return formatCpim({ headers, contentHeaders, body });
}

export type ShownCpim = ReturnType<typeof readFields>;

/** What a CPIM message says; null for any other, and for a malformed one. */
export function shownCpim({ contentType, body }: CpimContent): ShownCpim | null {
  if (!isCpim(contentType)) return null;
  try {
    return readFields(parseCpim(body));
  } catch (error) {
    if (error instanceof SipParseError) return null;
    throw error;
  }
}

function readFields(message: CpimMessage) {
  const [from] = cpimAddresses(message, 'From');
  const { body } = message;
  const text = isUtf8(body);
  return {
    from: from ? shownUri(from.uri) : null,
    fromName: from?.displayName || null,
    to: cpimAddresses(message, 'To').map(({ uri }) => shownUri(uri)),
    dateTime: cpimText(message, 'DateTime') ?? null,
    subject: cpimText(message, 'Subject') ?? null,
    messageId: imdnMessageId(message) ?? null,
    notify: requestedNotifications(message),
    contentType: cpimContentHeader(message, 'Content-Type') ?? 'text/plain',
    body: body.toString(text ? 'utf8' : 'base64'),
    encoding: text ? 'utf-8' : 'base64',
  };
}

function asUri(address: string): string {
  return /^[A-Za-z][\w+.-]*:/.test(address) ? address : `sip:${address}`;
}
