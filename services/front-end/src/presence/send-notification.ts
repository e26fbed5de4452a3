import type { Notification } from '@rollcall/back-end';
import type { TransactionLayer } from '@rollcall/sip';
import type { OpenFlows } from '../drain.ts';
import type { FrontEndSettings } from '../settings.ts';
import { flowIdOf } from '../sip/forwarding.ts';
import { contactUri } from '../sip/pool-uri.ts';
import type { Bodies } from './bodies.ts';
import type { HttpWatchers } from './http-watchers.ts';
import { NOTHING, notifyText, subscriptionState } from './notify-text.ts';

/**
 * What became of a notification: its watcher has it; does not know the subscription, or does not answer (RFC 6665 §4.2.2: both end
 * it); could not take it now; or has no connection any more.
 */
export type NotifyOutcome = 'notified' | 'ended' | 'timeout' | 'refused' | 'lost';

/** Of a subscription that has expired: it says no more than that. */
export type LastNotification = Omit<Notification, 'resources'> & { readonly reason: string };

export interface SendOptions {
  flows: Pick<OpenFlows, 'find'>;
  transactions: Pick<TransactionLayer, 'requestBytes'>;
  settings: Pick<FrontEndSettings, 'advertise' | 'host'>;
  bodies: Bodies;
  http: HttpWatchers;
}

/** RFC 6665 §4.2.2: responses that end a subscription. */
const ENDING = new Set([404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/** Of a body that fits a datagram with its header fields, bytes. */
const MAXIMUM_DATAGRAM = 60_000;

/** Sends a notification over the flow of its watcher, which is at this front end. */
export function sendNotification(
  { flows, transactions, settings, bodies, http }: SendOptions,
  notification: Notification | LastNotification,
  done: (outcome: NotifyOutcome) => void,
): void {
  const { place, dialog } = notification;
  const last = 'reason' in notification;
  if (place.transport === 'HTTP') {
    const watcher = http.find(place.flow);
    if (!last) watcher?.notify(notification);
    done(watcher ? 'notified' : 'ended');
    return;
  }
  const flow = flows.find(flowIdOf({ ...place, uri: dialog.remoteTarget }));
  if (!flow) {
    done('lost');
    return;
  }
  const body = last ? NOTHING : bodies.of(notification);
  if (!flow.reliable && body.bytes.length > MAXIMUM_DATAGRAM) {
    done('refused');
    return;
  }
  const rest = {
    ...{ contact: contactUri(settings, flow), body },
    state: subscriptionState(notification.expiresIn, last ? notification.reason : 'timeout'),
  };
  transactions.requestBytes('NOTIFY', (via) => notifyText(notification, { via, ...rest }), flow, {
    response({ status }) {
      if (status >= 200) done(status < 300 ? 'notified' : ENDING.has(status) ? 'ended' : 'refused');
    },
    timeout: () => done('timeout'),
    transportError: () => done('lost'),
  });
}
