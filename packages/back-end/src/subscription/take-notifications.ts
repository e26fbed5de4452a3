import { bigints } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import type { Notification, SubscriptionReference } from './notification.ts';
import { COLUMNS, readNotifications } from './read-notifications.ts';

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
  /** Once the lists of a call have so many resources no further list is taken; default 5,000. */
  maximumResources?: number;
  now?: Date;
}

export interface TakeNotificationsOutcome {
  notifications: Notification[];
  /** There may be more: call again with the same. */
  more: boolean;
  /** The earliest time at which one that a minimal interval holds back is due: call again then, with the same. */
  nextAt?: Date;
}

const MAXIMUM_RESOURCES = 5000;

/**
 * Takes what is due. After it has resolved these notifications count as told; when it rejects with BackEndUnavailableError
 * that is not known: `renotify`.
 */
export async function takeNotifications(
  connections: Connections,
  request: TakeNotificationsRequest,
): Promise<TakeNotificationsOutcome> {
  const { frontEndId, accountIds, subscriptions, all, busy, limit } = request;
  const since = request.since ?? new Date((request.now ?? new Date()).getTime() - 60_000);
  const rows = await connections.call({
    name: 'take_notifications',
    text: 'select * from api.take_notifications($1, $2, $3, $4, $5, $6, $7, coalesce($8, now()), $9)',
    values: [
      frontEndId,
      accountIds ? bigints(accountIds, (id) => id) : null,
      subscriptions ? bigints(subscriptions, ({ accountId }) => accountId) : null,
      subscriptions ? bigints(subscriptions, ({ id }) => id) : null,
      all ? since : null,
      bigints(busy ?? [], (id) => id),
      ...[limit, request.now, request.maximumResources ?? MAXIMUM_RESOURCES],
    ],
  });
  const [more, nextAt] = rows.at(-1)!.slice(COLUMNS.length) as [boolean, Date | null];
  const notifications = readNotifications(rows.slice(0, -1), frontEndId);
  return { notifications, more, ...(nextAt && { nextAt }) };
}
