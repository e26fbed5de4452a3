import type { Connections } from '../connections.ts';
import type { EventPackage } from '../presence/state.ts';

/** How many subscriptions have their watchers on this front end; an event without any is left out. */
export async function countSubscriptions(
  connections: Connections,
  { frontEndId, now }: { frontEndId: number; now?: Date },
): Promise<[EventPackage, number][]> {
  const rows = await connections.call({
    name: 'count_subscriptions',
    text: 'select * from api.count_subscriptions($1, coalesce($2, now()))',
    values: [frontEndId, now],
  });
  return rows.map(([event, subscriptions]) => [event as EventPackage, subscriptions as number]);
}
