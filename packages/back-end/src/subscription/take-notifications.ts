import type { Connections } from '../connections.ts';
import type { Notification, SubscriptionReference } from './notification.ts';

export interface TakeNotificationsRequest {
  /** Only subscriptions whose watcher is on this front end. */
  frontEndId: number;
  /**
   * Accounts to which something has happened (the keys of the bus topic `presence`): whoever watches them, and their own
   * subscriptions that are due in full.
   */
  accountIds?: readonly number[];
  subscriptions?: readonly SubscriptionReference[];
  /** The slow poll: all that changed since `since`, and what is due in full. */
  all?: boolean;
  /** Of `all`; default: 60 s before now. */
  since?: Date;
  /** Ids of subscriptions that have a NOTIFY on its way. */
  busy?: readonly number[];
  /** Notifications at most. */
  limit: number;
  now?: Date;
}

export interface TakeNotificationsOutcome {
  notifications: Notification[];
  /** There may be more: call again with the same. */
  more: boolean;
  /** The earliest time at which one that a minimal interval holds back is due: call again then, with the same. */
  nextAt?: Date;
}

/**
 * Takes what is due. After it has resolved these notifications count as told; when it rejects with BackEndUnavailableError
 * that is not known: `renotify`.
 */
export async function takeNotifications(
  _connections: Connections,
  _request: TakeNotificationsRequest,
): Promise<TakeNotificationsOutcome> {
  throw new Error('not yet');
}
