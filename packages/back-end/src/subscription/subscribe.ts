import type { AddressOfRecord } from '../account/address-of-record.ts';
import type { Connections } from '../connections.ts';
import type { Actor } from '../presence/publish.ts';
import type { EventPackage } from '../presence/state.ts';
import type { Notification, Place, SubscriptionDialog } from './notification.ts';

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
  /** ms between two notifications; default 0, lists 500. */
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
export async function subscribe(_connections: Connections, _request: SubscribeRequest): Promise<SubscribeOutcome> {
  throw new Error('not yet');
}
