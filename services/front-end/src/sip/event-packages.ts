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

export const EVENT_PACKAGES = Object.keys(EVENT_TYPES) as EventPackage[];

export const ALLOW_EVENTS = EVENT_PACKAGES.join(', ');

export interface RequestedEvent {
  readonly name: string;
  /** Tells subscriptions of one dialog apart (RFC 6665 §4.5.2). */
  readonly id?: string;
  /** ms between two notifications (RFC 6446). */
  readonly minInterval?: number;
}

const LONGEST_INTERVAL_MS = 86_400_000;

/** The Event header field (RFC 6665 §8.4); undefined without one. @throws SipParseError 400 */
export function requestedEvent(request: SipRequest): RequestedEvent | undefined {
  const value = request.headers.get('Event');
  if (value === undefined) return undefined;
  const semicolon = value.indexOf(';');
  const name = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
  if (!isToken(name)) throw new SipParseError('Malformed Event');
  const parameters = semicolon < 0 ? '' : value.slice(semicolon);
  const id = /;\s*id\s*=\s*([^;\s]+)/i.exec(parameters)?.[1];
  if (id !== undefined && !isToken(id)) throw new SipParseError('Malformed Event');
  const minInterval = requestedInterval(parameters);
  return { name, ...(id !== undefined && { id }), ...(minInterval > 0 && { minInterval }) };
}

/** RFC 6446 §4: at most `max-rate` notifications a second; `min-interval` is what drafts of it had, in seconds. Others are ignored. */
function requestedInterval(parameters: string): number {
  const [, rate] = /;\s*max-rate\s*=\s*(\d{1,10}(?:\.\d{1,10})?)\s*(?:;|$)/i.exec(parameters) ?? [];
  const [, interval] = /;\s*min-interval\s*=\s*(\d{1,10}(?:\.\d{1,3})?)\s*(?:;|$)/i.exec(parameters) ?? [];
  const ms = Math.max(rate === undefined ? 0 : 1000 / Number(rate), 1000 * Number(interval ?? 0));
  return Math.min(LONGEST_INTERVAL_MS, Math.ceil(ms));
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
