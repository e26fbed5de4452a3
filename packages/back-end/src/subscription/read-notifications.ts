import type { Row } from '../connections.ts';
import type { EventPackage, EventState } from '../presence/state.ts';
import type { Notification } from './notification.ts';

/** The columns of api.take_notifications, in their order. */
export const COLUMNS = [
  ...['subscription_id', 'resource_id', 'address', 'name', 'level', 'resource_version', 'state'],
  ...['subscriber_id', 'watcher', 'event', 'event_id', 'is_list', 'target', 'is_full', 'version', 'cseq'],
  ...['dialog', 'expires_in', 'min_interval'],
] as const;

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
    const { version, state } = states.get(key(notification.event, row))!;
    notification.resources.push({
      accountId: row[1] as number,
      address: (row[2] as string | null) ?? notification.target,
      name: (row[3] as string | null) ?? undefined,
      level: row[4] as string,
      version,
      state,
    });
  }
  return [...notifications.values()];
}

/** Without spreads and rests: thousands of these are read each second. */
function readNotification(row: Row, frontEndId: number): Notification {
  const lines = (row[16] as string).split('\n') as [
    ...[string, string, string, string, string, string, string, string, string, string],
    ...string[],
  ];
  return {
    accountId: row[7] as number,
    subscriptionId: row[0] as number,
    watcher: row[8] as string,
    event: row[9] as EventPackage,
    eventId: (row[10] as string | null) ?? undefined,
    isList: row[11] as boolean,
    target: row[12] as string,
    full: row[13] as boolean,
    version: row[14] as number,
    cseq: row[15] as number,
    expiresIn: row[17] as number,
    minInterval: row[18] as number,
    dialog: {
      callId: lines[0],
      localTag: lines[1],
      remoteTag: lines[2],
      localUri: lines[3],
      remoteUri: lines[4],
      localTarget: lines[5],
      remoteTarget: lines[6],
      routeSet: lines.slice(10),
    },
    place: { frontEndId, transport: lines[7], flow: lines[8], receivedFrom: lines[9] },
    resources: [],
  };
}

export function readRoutes(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}
