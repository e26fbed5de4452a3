import {
  DIALOG_INFO_TYPE,
  MESSAGE_SUMMARY_TYPE,
  PIDF_TYPE,
  REGINFO_TYPE,
  RLMI_TYPE,
  WATCHERINFO_TYPE,
  XCAP_DIFF_TYPE,
} from '@rollcall/presence';
import { isToken, SipParseError, type SipRequest } from '@rollcall/sip';

export type EventPackage = 'presence' | 'presence.winfo' | 'reg' | 'dialog' | 'message-summary' | 'xcap-diff';

/** The event packages that this pool notifies of, with the type of their bodies. Others are the endpoints' own. */
export const EVENT_TYPES: Readonly<Record<EventPackage, string>> = {
  presence: PIDF_TYPE,
  'presence.winfo': WATCHERINFO_TYPE,
  reg: REGINFO_TYPE,
  dialog: DIALOG_INFO_TYPE,
  'message-summary': MESSAGE_SUMMARY_TYPE,
  'xcap-diff': XCAP_DIFF_TYPE,
};

/** What an endpoint may say of itself (RFC 3903). */
export const PUBLISHED_TYPES = { presence: PIDF_TYPE, dialog: DIALOG_INFO_TYPE } as const;

/** Of the notifications of a list (RFC 4662 §4). */
export const LIST_TYPES = ['multipart/related', RLMI_TYPE, PIDF_TYPE] as const;

export const ALLOW_EVENTS = Object.keys(EVENT_TYPES).join(', ');

export interface RequestedEvent {
  readonly name: string;
  /** Tells subscriptions of one dialog apart (RFC 6665 §4.5.2). */
  readonly id?: string;
}

/** The Event header field (RFC 6665 §8.4); undefined without one. @throws SipParseError 400 */
export function requestedEvent(request: SipRequest): RequestedEvent | undefined {
  const value = request.headers.get('Event');
  if (value === undefined) return undefined;
  const semicolon = value.indexOf(';');
  const name = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
  if (!isToken(name)) throw new SipParseError('Malformed Event');
  const id = /;\s*id\s*=\s*([^;\s]+)/i.exec(semicolon < 0 ? '' : value.slice(semicolon))?.[1];
  if (id !== undefined && !isToken(id)) throw new SipParseError('Malformed Event');
  return { name, ...(id !== undefined && { id }) };
}

export function isEventPackage(name: string): name is EventPackage {
  return Object.hasOwn(EVENT_TYPES, name);
}

/** Whether Accept permits one of these types; without Accept it permits the default (RFC 6665 §4.2.1). */
export function accepts(request: SipRequest, types: readonly string[]): boolean {
  if (!request.headers.has('Accept')) return true;
  const accepted = request.headers
    .getAll('Accept')
    .flatMap((line) => line.split(','))
    .map((range) => range.split(';')[0]!.trim().toLowerCase());
  return types.some((type) => [type, `${type.split('/')[0]}/*`, '*/*'].some((range) => accepted.includes(range)));
}
