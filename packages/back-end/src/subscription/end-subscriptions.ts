import type { Connections } from '../connections.ts';
import type { Notification, SubscriptionReference } from './notification.ts';

/**
 * Ends subscriptions whose watcher is gone. `cseq`: of the NOTIFY that was not answered; one that was refreshed or has moved
 * since then stays. Absent (481): in any case. Resolves to the accounts whose ids are to be published, topic `presence`.
 */
export async function endSubscriptions(
  _connections: Connections,
  _subscriptions: readonly (SubscriptionReference & { cseq?: number })[],
): Promise<number[]> {
  throw new Error('not yet');
}

/** The flow of these subscriptions is gone: they wait until their binding registers, or their watcher subscribes again. */
export async function loseSubscriptions(
  _connections: Connections,
  _subscriptions: readonly (SubscriptionReference & { frontEndId: number; flow: string })[],
): Promise<void> {
  throw new Error('not yet');
}

/** Everything is due again to all watchers on this front end: what it took may not have been sent. */
export async function renotify(_connections: Connections, _request: { frontEndId: number }): Promise<void> {
  throw new Error('not yet');
}

/**
 * Takes over what front ends that are dead or gone have left: subscriptions on UDP come to this front end, in full; those on
 * connections wait for their watchers; those of HTTP streams end. Then call `takeNotifications({ all: true })`.
 */
export async function adoptSubscriptions(
  _connections: Connections,
  _request: { frontEndId: number; limit?: number },
): Promise<{ adopted: number; more: boolean }> {
  throw new Error('not yet');
}

export interface ExpiredSubscription extends Omit<Notification, 'resources' | 'place'> {
  /** Absent: its connection is lost, nobody can be told. */
  place?: Notification['place'];
  /** Of Subscription-State (RFC 6665 §4.1.3). */
  reason: 'timeout' | 'noresource';
}

export interface RemoveExpiredSubscriptionsOutcome {
  removed: ExpiredSubscription[];
  /** Accounts whose ids are to be published, topic `presence`. */
  changed: number[];
  more: boolean;
}

/** Removes expired subscriptions whose watcher is on this front end or on none that lives. */
export async function removeExpiredSubscriptions(
  _connections: Connections,
  _request: { frontEndId: number; limit?: number; now?: Date },
): Promise<RemoveExpiredSubscriptionsOutcome> {
  throw new Error('not yet');
}
