import type { BackEnd, Bus, Notification } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import type { TransactionLayer } from '@rollcall/sip';
import type { OpenFlows } from './drain.ts';
import type { Lease } from './lease.ts';
import type { FrontEndMetrics } from './metrics.ts';
import { Bodies } from './presence/bodies.ts';
import { HttpWatchers } from './presence/http-watchers.ts';
import { Notifier } from './presence/notifier.ts';
import { PresenceTimers } from './presence/presence-timers.ts';
import { sendNotification } from './presence/send-notification.ts';
import { SubscriptionCount } from './presence/subscription-count.ts';
import type { FrontEndSettings } from './settings.ts';

export interface PresenceOptions {
  settings: FrontEndSettings;
  log: Log;
  metrics: FrontEndMetrics;
  backEnd: BackEnd;
  bus: Bus;
  lease: Lease;
  flows: OpenFlows;
  transactions: TransactionLayer;
  logOutage(error: unknown): void;
}

export interface Presence {
  readonly notifier: Notifier;
  /** Takes nothing more from the back end; what has been sent may still be answered. */
  close(): Promise<void>;
}

/** Begins to notify watchers, and to see to presence that changes by itself. */
export function openPresence(options: PresenceOptions): Presence {
  const { settings, log, metrics, backEnd, bus, lease, flows, transactions, logOutage } = options;
  const { advertise, host, httpPort } = settings;
  const bodies = new Bodies({ xcapRoot: `http://${advertise ?? host}:${httpPort}/xcap-root/` });
  const http = new HttpWatchers();
  const notifier = new Notifier({
    ...{ backEnd, bus, http, logOutage, frontEndId: () => lease.id },
    send: (notification, done) => sendNotification({ flows, transactions, settings, bodies, http }, notification, done),
    counted(outcome, notification) {
      metrics.notified(outcome);
      if (outcome !== 'notified') log.debug({ outcome, ...named(notification) }, 'a notification was not taken');
    },
  });
  const timers = new PresenceTimers({ backEnd, notifier, logOutage });
  metrics.gauge(
    'rollcall_notifications_under_way',
    'Notifications sent to watchers that have not answered yet',
    () => notifier.size,
  );
  const count = new SubscriptionCount({ backEnd, logOutage, frontEndId: () => lease.id });
  const subscriptions = 'Subscriptions whose watchers are at this front end';
  metrics.gauges('rollcall_subscriptions', subscriptions, 'event', () => count.read());
  notifier.start();
  timers.start();
  return {
    notifier,
    async close() {
      await timers.stop();
      await notifier.stop();
    },
  };
}

function named({
  watcher,
  event,
  target,
  place,
}: Pick<Notification, 'watcher' | 'event' | 'target'> & Partial<Pick<Notification, 'place'>>) {
  return { watcher, event, target, flow: place?.flow };
}
