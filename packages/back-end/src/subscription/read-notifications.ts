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
  'min_interval',
] as const;

type SubscriptionColumns = [
  ...[number, string, EventPackage, string | null, boolean, string, boolean, number, number],
  ...[string, string, string, string, string, string, string, string, string, string, string, number, number],
];

/** Rows of api.take_notifications but the last: of notifications, of resources of lists, of states. */
export function readNotifications(rows: readonly Row[], frontEndId: number): Notification[] {
  const notifications = new Map<unknown, Notification>();
  const states = new Map<string, { version: number; state: EventState }>();
  const key = (event: unknown, row: Row) => `${row[1]} ${event} ${row[4]}`;
  for (const row of rows) {
    if (row[7] !== null) notifications.set(row[0], readNotification(row, frontEndId));
    else if (row[0] === null) states.set(key(row[9], row), { version: row[5] as number, state: row[6] as EventState });
  }
  for (const row of rows) {
    if (row[0] === null || row[1] === null) continue;
    const notification = notifications.get(row[0])!;
    const [accountId, address, name, level] = row.slice(1, 5) as [number, string | null, string | null, string];
    notification.resources.push({
      ...{ accountId, address: address ?? notification.target, level },
      ...states.get(key(notification.event, row))!,
      ...(name !== null && { name }),
    });
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
  const [remoteUri, localTarget, remoteTarget, routes, transport, flow, receivedFrom, expiresIn, minInterval] = rest;
  return {
    ...{
      accountId,
      subscriptionId: row[0] as number,
      watcher,
      event,
      isList,
      target,
      full,
      version,
      cseq,
      expiresIn,
      minInterval,
    },
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
