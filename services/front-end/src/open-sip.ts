import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@rollcall/process';
import { systemClock, TransactionLayer } from '@rollcall/sip';
import type { OpenFlows } from './drain.ts';
import { HangClock } from './hang-clock.ts';
import { type Listeners, openListeners } from './listeners.ts';
import type { FrontEndMetrics } from './metrics.ts';
import type { FrontEndSettings } from './settings.ts';
import { unavailable } from './sip/answer.ts';
import type { Associations } from './sip/association.ts';
import type { FrontEnd } from './sip/context.ts';
import { dispatch, dispatchAck } from './sip/dispatch.ts';
import { Receiver } from './sip/receive.ts';
import { relay } from './sip/relay.ts';

export interface SipOptions {
  settings: FrontEndSettings;
  log: Log;
  metrics: FrontEndMetrics;
  flows: OpenFlows;
  associations: Associations;
  /** Undefined while it starts or stops: requests are answered 503. */
  frontEnd(): FrontEnd | undefined;
}

export interface Sip {
  readonly listeners: Listeners;
  readonly transactions: TransactionLayer;
  /** Takes what other listeners read, those of WebSockets. */
  readonly receiver: Receiver;
  close(): Promise<void>;
}

/** In which the end of a connection is seen that came behind a request. */
const ENDINGS_MS = 20;

/** Opens SIP over UDP, TCP and TLS: from a socket through the transaction layer to `dispatch`. */
export async function openSip({ settings, log, metrics, flows, associations, frontEnd }: SipOptions): Promise<Sip> {
  const hangs = new HangClock();
  hangs.start();
  const transactions = new TransactionLayer({
    clock: systemClock,
    onRequest(request, transaction) {
      const serving = frontEnd();
      if (!serving) return transaction.respondStateless(unavailable(request, 1, 'Starting Or Stopping'));
      const take = () => dispatch(serving, request, transaction);
      // Who has gone meanwhile is to be known before what it sent then is done (sip/gone.ts).
      const late = transaction.flow.reliable && hangs.hungJustNow;
      const answered = late ? sleep(ENDINGS_MS).then(take) : take();
      if (answered) void flows.during(transaction.flow, answered);
    },
    onAck(ack, flow) {
      const serving = frontEnd();
      if (serving) dispatchAck(serving, ack, flow);
    },
    onStray: () => metrics.dropped('stray'),
  });
  const receiver = new Receiver({
    ...{ transactions, flows, metrics, log },
    relay(message, flow) {
      const serving = frontEnd();
      return serving !== undefined && relay(serving, message, flow);
    },
    onClosed(flow) {
      associations.flowClosed(flow);
      frontEnd()?.relays.flowClosed(flow);
    },
  });
  const listeners = await openListeners(settings, log, receiver).catch((error) => {
    hangs.stop();
    transactions.close();
    throw error;
  });
  flows.use({
    udp: listeners.udp,
    awaits: (flow) => transactions.awaits(flow) || frontEnd()?.relays.awaits(flow) === true,
  });
  metrics.gauge('rollcall_sip_transactions', 'Live SIP transactions', () => transactions.size);
  metrics.gauge('rollcall_tcp_connections', 'Open SIP connections over TCP', () => listeners.tcp.connections);
  metrics.gauge('rollcall_tls_connections', 'Open SIP connections over TLS', () => listeners.tls.connections);
  return {
    listeners,
    transactions,
    receiver,
    async close() {
      await Promise.all(Object.values(listeners).map((listener) => listener.close()));
      transactions.close();
      hangs.stop();
    },
  };
}
