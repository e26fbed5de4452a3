import { randomBytes } from 'node:crypto';
import type { AddressOfRecord } from '../account/address-of-record.ts';
import { checkInteger, checkText, texts } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { InvalidValueError } from '../errors.ts';
import { watcherAddress } from '../presence/find-presence.ts';
import type { Actor } from '../presence/publish.ts';
import type { EventPackage } from '../presence/state.ts';
import type { Notification, Place, SubscriptionDialog } from './notification.ts';
import { COLUMNS, readNotifications } from './read-notifications.ts';

export interface SubscribeRequest {
  /** `{ watcher }`: user@domain of somebody outside the pool. */
  actor: Actor | { watcher: string };
  target: AddressOfRecord;
  /** The watcher's own contact list (RFC 4662); `target` is the watcher's own address. */
  isList: boolean;
  event: EventPackage;
  eventId?: string;
  /** Seconds. 0: ends it, or, without `subscriptionId`, only asks (RFC 6665 §4.4.3). */
  expires: number;
  /** localTag: of a refresh. remoteCseq: of the SUBSCRIBE. */
  dialog: Omit<SubscriptionDialog, 'localTag'> & { localTag?: string; remoteCseq: number };
  /** Of a refresh: `readSubscriptionTag(dialog.localTag)`. */
  subscriptionId?: number;
  /** bindingKey: of the watcher's endpoint; found by its flow when absent. */
  place: Place & { bindingKey?: string };
  /** ms between two notifications (RFC 6446); lists have 500 at least. */
  minInterval?: number;
  /** Subscriptions of one account; default 1,000. A list has 1,000 resources at most. */
  maximumPerAccount?: number;
  now?: Date;
}

export type SubscribeOutcome =
  /** A full notification is due: `takeNotifications({ subscriptions: [{ accountId, id: subscriptionId }] })`. */
  | {
      outcome: 'subscribed';
      accountId: number;
      subscriptionId: number;
      localTag: string;
      /** Accounts whose watcher information has changed: publish their ids on the bus, topic `presence`. */
      changed: number[];
    }
  /** Ended, or nothing was stored; the notification is the last, its dialog.localTag that of the answer. */
  | { outcome: 'ended'; notification: Notification; changed: number[] }
  /** No such target. */
  | { outcome: 'unknown' }
  | { outcome: 'disabled' }
  | { outcome: 'credentials_changed' }
  /** A list of another's address. */
  | { outcome: 'not_own_address' }
  /** 481: a refresh of what is no more. */
  | { outcome: 'no_dialog' }
  /** 500: a lower CSeq than before in its dialog. */
  | { outcome: 'out_of_order' }
  | { outcome: 'too_many' }
  /** reg, presence.winfo, message-summary and xcap-diff of somebody else. */
  | { outcome: 'forbidden' };

/** Makes, refreshes, ends or fetches a subscription (RFC 6665 §4.2.1). */
export async function subscribe(connections: Connections, request: SubscribeRequest): Promise<SubscribeOutcome> {
  const { actor, target, isList, event, eventId, expires, dialog, subscriptionId, place, now } = request;
  const named = watcherAddress(actor);
  const [row] = await connections.call({
    name: 'subscribe',
    text: `select * from api.subscribe(${Array.from({ length: 28 }, (_, index) => `$${index + 1}`).join(', ')}, coalesce($29, now()))`,
    values: [
      ...['accountId' in actor ? actor.accountId : null, 'accountId' in actor ? actor.credentialVersion : null],
      ...[named, 'watcher' in actor, target.user, target.domain, isList, event, eventId, expires, subscriptionId],
      ...[randomBytes(8).toString('hex'), dialog.callId, dialog.localTag, dialog.remoteTag, dialog.localUri],
      ...[
        dialog.remoteUri,
        dialog.localTarget,
        dialog.remoteTarget,
        texts(dialog.routeSet, (route) => route),
        dialog.remoteCseq,
      ],
      ...[place.frontEndId, place.transport, place.flow, place.receivedFrom, place.bindingKey],
      ...[request.minInterval ?? 0, request.maximumPerAccount ?? MAXIMUM, now],
    ],
  });
  const [outcome, accountId, id, localTag, changed, taken] = row as [
    ...[SubscribeOutcome['outcome'], number, number, string, unknown[], Record<string, unknown>[]],
  ];
  if (outcome === 'subscribed') {
    return { outcome, accountId, subscriptionId: id, localTag, changed: changed.map(Number) };
  }
  if (outcome !== 'ended') return { outcome };
  const rows = taken.map((columns) => COLUMNS.map((name) => columns[name]));
  const [notification] = readNotifications(rows, place.frontEndId);
  return { outcome, notification: notification!, changed: changed.map(Number) };
}

const MAXIMUM = 1000;

/** Throws for what is not to be sent. */
export function checkSubscribeRequest({ target, event, eventId, expires, dialog, place }: SubscribeRequest): void {
  const { remoteCseq, routeSet, ...dialogTexts } = dialog;
  const { frontEndId, ...placeTexts } = place;
  for (const [name, value] of Object.entries({ ...target, event, eventId })) checkText(name, value);
  for (const [name, value] of Object.entries({ ...dialogTexts, ...placeTexts })) checkLine(name, value);
  for (const route of routeSet) checkLine('Route', route);
  checkInteger('expires', expires, 0, 0x7fff_ffff);
  checkInteger('CSeq', remoteCseq, 0, 0xffff_ffff);
  checkInteger('front-end id', frontEndId, 0, 0x7fff_ffff);
}

/** What makes a notification comes back as lines. */
function checkLine(name: string, value: string | undefined): void {
  checkText(name, value);
  if (value?.includes('\n')) throw new InvalidValueError(`${name} is more than one line`);
}
