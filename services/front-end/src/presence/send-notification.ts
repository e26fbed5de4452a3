import type { Notification } from '@rollcall/back-end';
import type { TransactionLayer } from '@rollcall/sip';
import type { OpenFlows } from '../drain.ts';
import type { FrontEndSettings } from '../settings.ts';
import { flowIdOf } from '../sip/flow-id.ts';
import { contactUri } from '../sip/pool-uri.ts';
import type { Bodies } from './bodies.ts';
import type { HttpWatchers } from './http-watchers.ts';
import { NOTHING, notifyText, subscriptionState } from './notify-text.ts';

/**
 * What became of a notification: its watcher has it; does not know the subscription, or does not answer (RFC 6665 §4.2.2: both end
 * it); could not take it now; or has no connection any more.
 */
export type NotifyOutcome = 'notified' | 'ended' | 'timeout' | 'refused' | 'lost';

/** `againIn`: of one that was refused: after how long its watcher is told again though nothing has changed, ms; absent: not before that. */
export type NotifyDone = (outcome: NotifyOutcome, againIn?: number) => void;

/** Of a subscription that has expired: it says no more than that. */
export type LastNotification = Omit<Notification, 'resources' | 'minInterval'> & { readonly reason: string };

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

const DEFAULT_AGAIN_MS = 5000;
const SHORTEST_AGAIN_MS = 1000;
const LONGEST_AGAIN_MS = 300_000;

/** Sends a notification over the flow of its watcher, which is at this front end. */
export function sendNotification(
  { flows, transactions, settings, bodies, http }: SendOptions,
  notification: Notification | LastNotification,
  done: NotifyDone,
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
    state: subscriptionState(notification, last ? notification.reason : 'timeout'),
  };
  transactions.requestBytes('NOTIFY', (via) => notifyText(notification, { via, ...rest }), flow, {
    response({ status, headers }) {
      if (status < 200) return;
      if (status < 300) done('notified');
      else if (ENDING.has(status)) done('ended');
      else done('refused', againIn(status, headers.get('Retry-After')));
    },
    timeout: () => done('timeout'),
    transportError: () => done('lost'),
  });
}

/** RFC 6665 §4.2.2: who says so, or has failed, is told again. */
function againIn(status: number, retryAfter: string | undefined): number | undefined {
  if (status < 500 && retryAfter === undefined) return undefined;
  const seconds = Number.parseInt(retryAfter ?? '', 10);
  if (Number.isNaN(seconds)) return DEFAULT_AGAIN_MS;
  return Math.min(LONGEST_AGAIN_MS, Math.max(SHORTEST_AGAIN_MS, seconds * 1000));
}
