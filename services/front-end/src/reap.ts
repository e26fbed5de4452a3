import { type BackEnd, endpointRemoval } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import type { Lease } from './lease.ts';
import type { FrontEndMetrics } from './metrics.ts';
import type { Notifier } from './presence/notifier.ts';
import type { SubscriptionReaper } from './presence/subscription-reaper.ts';
import type { RegistrationEvents } from './registration-events.ts';

export interface ReapOptions {
  backEnd: BackEnd;
  lease: Lease;
  registrationEvents: RegistrationEvents;
  notifier: Notifier;
  subscriptions: SubscriptionReaper;
  metrics: FrontEndMetrics;
  log: Log;
}

/** Removes what has expired, and what dead front ends have left behind, a batch at a time. */
export async function reap(options: ReapOptions): Promise<void> {
  const { backEnd, registrationEvents, notifier, subscriptions, metrics } = options;
  const someDied = await removeDeadFrontEnds(options);
  for (let more = true; more; ) {
    const swept = await backEnd.removeExpiredEndpoints();
    metrics.expired(swept.removed.length);
    registrationEvents.removed(swept.removed.map((left) => endpointRemoval(left.accountId, left, 'expired')));
    notifier.changed(swept.changed);
    more = swept.more;
  }
  while ((await backEnd.removeExpiredSessions()).more);
  for (let more = true; more; ) {
    const swept = await backEnd.removeExpiredMessages();
    notifier.changed(swept.changed);
    more = swept.more;
  }
  await subscriptions.reap(someDied);
}

/** @returns whether there were any */
async function removeDeadFrontEnds({ backEnd, lease, notifier, metrics, log }: ReapOptions): Promise<boolean> {
  let found = false;
  for (let more = lease.steady; more; ) {
    const dead = await backEnd.removeDeadFrontEnds();
    for (const { outcome, id, renewedAt, changed } of dead) {
      if (outcome === 'died') log.warn({ id, renewedAt }, 'a front end has died');
      notifier.changed(changed);
    }
    metrics.orphaned(dead.reduce((sum, { endpointsRemoved }) => sum + endpointsRemoved, 0));
    found ||= dead.length > 0;
    more = dead.some((one) => one.more);
  }
  return found;
}
