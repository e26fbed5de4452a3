import type { Row } from '../connections.ts';
import type { EventPackage, EventState } from '../presence/state.ts';
import type { Notification } from './notification.ts';

/** The columns of api.take_notifications, in their order. */
export const COLUMNS = [
  ...[
    'subscription_id',
    'resource_id',
    'address',
    'name',
    'level',
    'resource_version',
    'state',
    'subscriber_id',
    'watcher',
  ],
  ...[
    'event',
    'event_id',
    'is_list',
    'target',
    'is_full',
    'version',
    'cseq',
    'call_id',
    'local_tag',
    'remote_tag',
    'local_uri',
  ],
  ...['remote_uri', 'local_target', 'remote_target', 'route_set', 'transport', 'flow', 'received_from', 'expires_in'],
] as const;

type ResourceColumns = [number | null, string, string | null, string, number, EventState | null];
type SubscriptionColumns = [
  ...[number, string, EventPackage, string | null, boolean, string, boolean, number, number],
  ...[string, string, string, string, string, string, string, string, string, string, string, number],
];

/** Rows of api.take_notifications: the first of a subscription has its columns, the first of a state has that. */
export function readNotifications(rows: readonly Row[], frontEndId: number): Notification[] {
  const notifications = new Map<unknown, Notification>();
  for (const row of rows) {
    if (row[7] !== null) notifications.set(row[0], readNotification(row, frontEndId));
  }

  const states = new Map<string, EventState>();
  const key = (event: string, row: Row) => `${row[1]} ${event} ${row[4]}`;
  for (const row of rows) {
    if (row[6] !== null) states.set(key(notifications.get(row[0])!.event, row), row[6] as EventState);
  }
  for (const row of rows) {
    const [accountId, address, name, level, version] = row.slice(1, 6) as unknown as ResourceColumns;
    const notification = notifications.get(row[0])!;
    if (accountId === null) continue;
    const state = states.get(key(notification.event, row))!;
    notification.resources.push({ accountId, address, level, version, state, ...(name !== null && { name }) });
  }
  return [...notifications.values()];
}

function readNotification(row: Row, frontEndId: number): Notification {
  const [
    accountId,
    watcher,
    event,
    eventId,
    isList,
    target,
    full,
    version,
    cseq,
    callId,
    localTag,
    remoteTag,
    localUri,
    ...rest
  ] = row.slice(7) as unknown as SubscriptionColumns;
  const [remoteUri, localTarget, remoteTarget, routes, transport, flow, receivedFrom, expiresIn] = rest;
  return {
    ...{ accountId, subscriptionId: row[0] as number, watcher, event, isList, target, full, version, cseq, expiresIn },
    ...(eventId !== null && { eventId }),
    dialog: {
      ...{ callId, localTag, remoteTag, localUri, remoteUri, localTarget, remoteTarget },
      routeSet: readRoutes(routes),
    },
    place: { frontEndId, transport, flow, receivedFrom },
    resources: [],
  };
}

export function readRoutes(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}
