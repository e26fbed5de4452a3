import type { Connections } from '../connections.ts';
import type { EventPackage } from '../presence/state.ts';
import type { Notification } from './notification.ts';
import { readRoutes } from './read-notifications.ts';

export interface ExpiredSubscription extends Omit<Notification, 'resources' | 'place' | 'minInterval'> {
  /** Absent: its connection is lost, nobody can be told. */
  place?: Notification['place'];
  /** Of Subscription-State (RFC 6665 §4.1.3). */
  reason: 'timeout' | 'noresource' | 'rejected';
}

export interface RemoveExpiredSubscriptionsOutcome {
  removed: ExpiredSubscription[];
  /** Accounts whose ids are to be published, topic `presence`. */
  changed: number[];
  /** Call again at once. */
  more: boolean;
}

/** Removes expired subscriptions whose watcher is on this front end or on none that lives. */
export async function removeExpiredSubscriptions(
  connections: Connections,
  { frontEndId, limit = 500, now }: { frontEndId: number; limit?: number; now?: Date },
): Promise<RemoveExpiredSubscriptionsOutcome> {
  const rows = await connections.call({
    name: 'remove_expired_subscriptions',
    text: 'select * from api.remove_expired_subscriptions($1, $2, coalesce($3, now()))',
    values: [frontEndId, limit, now],
  });
  const [changed, more] = rows.at(-1)!.slice(22) as [unknown[], boolean];
  return { removed: rows.slice(0, -1).map(readExpired), changed: changed.map(Number), more };
}

function readExpired(row: readonly unknown[]): ExpiredSubscription {
  const [subscriptionId, accountId, watcher, event, eventId, isList, target, version, cseq] = row as [
    ...[number, number, string, EventPackage, string | null, boolean, string, number, number],
  ];
  const [callId, localTag, remoteTag, localUri, remoteUri, localTarget, remoteTarget, routes] = row.slice(
    9,
    17,
  ) as string[];
  const [frontEndId, transport, flow, receivedFrom, reason] = row.slice(17) as [
    ...[number | null, string, string, string, ExpiredSubscription['reason']],
  ];
  return {
    ...{ accountId, subscriptionId, watcher, event, isList, target, version, cseq, reason, full: false, expiresIn: 0 },
    ...(eventId !== null && { eventId }),
    dialog: {
      ...{ callId: callId!, localTag: localTag!, remoteTag: remoteTag!, localUri: localUri!, remoteUri: remoteUri! },
      ...{ localTarget: localTarget!, remoteTarget: remoteTarget!, routeSet: readRoutes(routes!) },
    },
    ...(frontEndId !== null && { place: { frontEndId, transport, flow, receivedFrom } }),
  };
}
