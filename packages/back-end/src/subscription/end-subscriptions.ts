import { bigints, integers, texts } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import type { SubscriptionReference } from './notification.ts';

/**
 * Ends subscriptions whose watcher is gone. `cseq`: of the NOTIFY that was not answered; one that was refreshed or has moved
 * since then stays. Absent (481): in any case. Resolves to the accounts whose ids are to be published, topic `presence`.
 */
export async function endSubscriptions(
  connections: Connections,
  subscriptions: readonly (SubscriptionReference & { cseq?: number })[],
): Promise<number[]> {
  const rows = await connections.call({
    name: 'end_subscriptions',
    text: 'select api.end_subscriptions($1, $2, $3)',
    values: [...references(subscriptions), bigints(subscriptions, ({ cseq }) => cseq)],
  });
  return (rows[0]![0] as unknown[]).map(Number);
}

/** The flow of these subscriptions is gone: they wait until their binding registers, or their watcher subscribes again. */
export async function loseSubscriptions(
  connections: Connections,
  subscriptions: readonly (SubscriptionReference & { frontEndId: number; flow: string })[],
): Promise<void> {
  await connections.call({
    name: 'lose_subscriptions',
    text: 'select api.lose_subscriptions($1, $2, $3, $4)',
    values: [
      ...references(subscriptions),
      ...[integers(subscriptions, ({ frontEndId }) => frontEndId), texts(subscriptions, ({ flow }) => flow)],
    ],
  });
}

/** Everything is due again to all watchers on this front end: what it took may not have been sent. */
export async function renotify(connections: Connections, request: { frontEndId: number }): Promise<void> {
  await connections.call({ name: 'renotify', text: 'select api.renotify($1)', values: [request.frontEndId] });
}

/**
 * These watchers on this front end could not take a notification: everything is due again. `cseq`: of that one; who has been
 * told something since then is left alone. Absent: in any case.
 */
export async function renotifySubscriptions(
  connections: Connections,
  request: { frontEndId: number; subscriptions: readonly (SubscriptionReference & { cseq?: number })[] },
): Promise<void> {
  const { frontEndId, subscriptions } = request;
  await connections.call({
    name: 'renotify_subscriptions',
    text: 'select api.renotify_subscriptions($1, $2, $3, $4)',
    values: [frontEndId, ...references(subscriptions), bigints(subscriptions, ({ cseq }) => cseq)],
  });
}

/**
 * Takes over what front ends that are dead or gone have left: subscriptions on UDP come to this front end, in full; those on
 * connections wait for their watchers; those of HTTP streams end. Then call `takeNotifications({ all: true })`.
 */
export async function adoptSubscriptions(
  connections: Connections,
  request: { frontEndId: number; limit?: number },
): Promise<{ adopted: number; more: boolean }> {
  const rows = await connections.call({
    name: 'adopt_subscriptions',
    text: 'select * from api.adopt_subscriptions($1, $2)',
    values: [request.frontEndId, request.limit ?? 500],
  });
  const [adopted, more] = rows[0] as [number, boolean];
  return { adopted, more };
}

function references(subscriptions: readonly SubscriptionReference[]): Buffer[] {
  return [bigints(subscriptions, ({ accountId }) => accountId), bigints(subscriptions, ({ id }) => id)];
}
