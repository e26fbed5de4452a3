import { type BackEnd, endpointRemoval } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import type { Lease } from './lease.ts';
import type { FrontEndMetrics } from './metrics.ts';
import type { RegistrationEvents } from './registration-events.ts';

/** Removes what has expired, and what dead front ends have left behind, a batch at a time. */
export async function reap(
  backEnd: BackEnd,
  lease: Lease,
  events: RegistrationEvents,
  metrics: FrontEndMetrics,
  log: Log,
): Promise<void> {
  for (let more = lease.steady; more; ) {
    const dead = await backEnd.removeDeadFrontEnds();
    for (const { outcome, id, renewedAt } of dead)
      if (outcome === 'died') log.warn({ id, renewedAt }, 'a front end has died');
    metrics.orphaned(dead.reduce((sum, { endpointsRemoved }) => sum + endpointsRemoved, 0));
    more = dead.some((one) => one.more);
  }
  for (let more = true; more; ) {
    const swept = await backEnd.removeExpiredEndpoints();
    metrics.expired(swept.removed.length);
    events.removed(swept.removed.map((left) => endpointRemoval(left.accountId, left, 'expired')));
    more = swept.more;
  }
  while ((await backEnd.removeExpiredSessions()).more);
  while ((await backEnd.removeExpiredMessages()).more);
}
