import { openBackEnd } from '@rollcall/back-end';
import type { Log, Registry } from '@rollcall/process';
import { AttemptLimiter, NonceIssuer } from '@rollcall/sip';
import { Acknowledgements } from './acknowledgements.ts';
import { Applications } from './applications/applications.ts';
import { send } from './applications/send.ts';
import { DirectoryPasswords } from './directory-passwords.ts';
import { OpenFlows } from './drain.ts';
import { hostPort, reachable } from './host-port.ts';
import { EventStreams } from './http/event-streams.ts';
import { PresenceStreams } from './http/presence-streams.ts';
import { Lease } from './lease.ts';
import { type FrontEndMetrics, makeFrontEndMetrics } from './metrics.ts';
import { makeResolver } from './name-resolver.ts';
import { openHttp } from './open-http.ts';
import { openNeighbours } from './open-neighbours.ts';
import { openPresence } from './open-presence.ts';
import { openSip } from './open-sip.ts';
import { outageLog } from './outage-log.ts';
import { Outside } from './outside.ts';
import { SubscriptionReaper } from './presence/subscription-reaper.ts';
import { reap } from './reap.ts';
import { Reaper } from './reaper.ts';
import { RegistrationEvents } from './registration-events.ts';
import type { FrontEndSettings } from './settings.ts';
import { AccountWatch } from './sip/account-watch.ts';
import { Associations } from './sip/association.ts';
import type { FrontEnd } from './sip/context.ts';
import { CredentialStore } from './sip/credential-store.ts';
import { Deliveries } from './sip/deliveries.ts';
import { Domains } from './sip/domains.ts';
import { FlowTokens } from './sip/flow-tokens.ts';
import { PendingRelays } from './sip/pending-relays.ts';
import { serviceRoute } from './sip/pool-uri.ts';
import { RecentSides } from './sip/recent-sides.ts';
import { startBus } from './start-bus.ts';
import { startKeys } from './start-keys.ts';
import { AccessTokens } from './token/access-token.ts';
import { makeOidc } from './token/oidc-tokens.ts';

export interface FrontEndOptions {
  settings: FrontEndSettings;
  log: Log;
  metrics: Registry;
}

export interface RunningFrontEnd {
  /** `host:port` of each listener, with the real port where 0 was asked for. */
  readonly addresses: { udp: string; tcp: string; tls: string; ws: string; http: string; internal: string };
  /** Drains: closes connections over `drainSeconds`, refuses new requests, lets those under way end, leaves the pool. */
  stop(): Promise<void>;
}

type Closers = (() => unknown)[];

/** How long requests under way may take to end when the front end stops, ms. */
const LAST_REQUESTS_MS = 5000;

/** Starts one front end. When a part fails to start, those before it are closed again. */
export async function startFrontEnd({ settings, log, metrics }: FrontEndOptions): Promise<RunningFrontEnd> {
  const closers: Closers = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const addresses = await start(settings, log, makeFrontEndMetrics(metrics), closers);
    return { addresses, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a front end is made of, in the order in which it starts; `closers` take it down in reverse. */
async function start(settings: FrontEndSettings, log: Log, metrics: FrontEndMetrics, closers: Closers) {
  // 1. The back end, and the keys that all front ends share through it.
  const backEnd = await openBackEnd({ databaseUrl: settings.databaseUrl });
  closers.push(() => backEnd.close());
  const keys = await startKeys(backEnd, log);
  closers.push(() => keys.stop());
  const bus = await startBus(settings, metrics, log);
  closers.push(() => bus.close());

  // 2. SIP over UDP, TCP and TLS; requests are refused until 5.
  let frontEnd: FrontEnd | undefined;
  const flows = new OpenFlows();
  const associations = new Associations();
  const sip = await openSip({ settings, log, metrics, flows, associations, frontEnd: () => frontEnd });
  closers.push(() => sip.close());
  const { listeners, transactions } = sip;
  const { peers, outbound, close } = await openNeighbours({ settings, log, metrics, backEnd, sip });
  closers.push(close);

  // 3. HTTP, for operators and balancers, and for SIP over WebSocket.
  let lease: Lease | undefined;
  let draining = false;
  const notReady = () => [
    ...(frontEnd && !draining ? [] : ['starting or stopping']),
    ...(lease?.held ? [] : ['back end away']),
  ];
  const http = await openHttp({
    ...{ settings, metrics, on: sip.receiver, notReady, frontEnd: () => frontEnd },
    underWay: (change) => flows.count(change),
  });
  closers.push(() => http.close());

  // 4. Its place in the pool.
  const addresses = {
    udp: hostPort(listeners.udp.address),
    tcp: hostPort(listeners.tcp.address),
    tls: hostPort(listeners.tls.address),
    ws: http.address,
    http: http.address,
    internal: peers.address,
  };
  const connections = () => listeners.tcp.connections + listeners.tls.connections + http.connections;
  const joinedAs = Object.fromEntries(
    Object.entries(addresses).map(([transport, address]) => [transport, reachable(address)]),
  );
  const joined = new Lease({
    backEnd,
    addresses: joinedAs,
    connections,
    log,
    lost() {
      flows.closeAll();
      frontEnd?.presenceStreams.endAll();
    },
  });
  await joined.start();
  lease = joined;
  closers.push(() => joined.stop());
  const registrationEvents = new RegistrationEvents({ bus, frontEndId: () => joined.id });
  registrationEvents.start();
  closers.push(() => registrationEvents.stop());
  registrationEvents.onEndpointRemoved(({ reason }) => metrics.endpointRemoved(reason));
  const logOutage = outageLog(log);
  const presence = openPresence({
    ...{ settings, log, metrics, backEnd, bus, flows, transactions, lease: joined, logOutage },
  });
  closers.push(() => presence.close());
  const { notifier } = presence;
  const subscriptions = new SubscriptionReaper({ backEnd, notifier, lease: joined });
  const left = { backEnd, lease: joined, registrationEvents, notifier, subscriptions, metrics, log };
  const reaper = new Reaper({ reap: () => reap(left), log });
  reaper.start();
  closers.push(() => reaper.stop());
  const onEnded = () => metrics.associationEnded();
  const credentials = new CredentialStore();
  const accountWatch = new AccountWatch({
    ...{ bus, backEnd, associations, credentials, log, onEnded },
    beforeEnd: () => subscriptions.endExpired(),
  });
  accountWatch.start();
  closers.push(() => accountWatch.stop());

  // 5. Serve, until stopped: then let requests under way end before anything that they need closes.
  const domains = new Domains({
    own: settings.domain,
    addresses: [settings.host, listeners.udp.address.address],
    load: async () => (await backEnd.listDomains()).map(({ name }) => name),
    now: () => performance.now(),
  });
  await domains.reload();
  const applications = await Applications.start({
    ...{ entries: settings.applications, budget: settings.applicationBudget, metrics, log },
    send: (message) => send(frontEnd, message),
  });
  closers.push(() => applications.stop());
  const eventStreams = new EventStreams({ backEnd, bus, metrics, logOutage: outageLog(log) });
  eventStreams.start();
  const presenceStreams = new PresenceStreams({
    ...{ backEnd, bus, notifier, metrics, logOutage: outageLog(log), frontEndId: () => joined.id },
  });
  presenceStreams.start();
  const streams = () => eventStreams.size + presenceStreams.size;
  metrics.gauge('rollcall_event_streams', 'Open event streams of HTTP clients', streams);
  const relays = new PendingRelays();
  relays.start();
  closers.push(() => relays.stop());
  const acknowledgements = new Acknowledgements(bus);
  acknowledgements.start();
  closers.push(() => acknowledgements.stop());
  const signingIn = { settings, backEnd, metrics, log };
  const directoryPasswords = settings.directoryUrl && new DirectoryPasswords(signingIn);
  closers.push(() => directoryPasswords?.close());
  frontEnd = {
    lease,
    settings,
    log,
    metrics,
    backEnd,
    bus,
    ...{ flows, peers, outbound, transactions, acknowledgements },
    relays,
    recentSides: new RecentSides(),
    flowTokens: new FlowTokens(() => keys.nonce),
    outside: new Outside({ settings, outbound, transactions, keys }, makeResolver(settings)),
    deliveries: new Deliveries(),
    registrationEvents,
    notifier,
    keys,
    credentials,
    domains,
    nonces: new NonceIssuer({
      keys: () => keys.nonce,
      lifetimeSeconds: settings.nonceLifetime,
      clock: Date.now,
    }),
    attempts: new AttemptLimiter(),
    associations,
    tokens: new AccessTokens({
      keys: () => keys.token,
      reload: () => keys.reload(),
      lifetimeSeconds: settings.tokenLifetime,
      clock: Date.now,
    }),
    oidc: makeOidc(settings),
    directoryPasswords,
    ...{ eventStreams, presenceStreams },
    applications,
    logOutage,
    serviceRoute: (flow) => serviceRoute(settings, flow),
  };
  closers.push(async () => {
    // Not ready from now on; open connections are served until they are closed, then no new request is.
    draining = true;
    void joined.drain();
    await flows.closeInSpread(settings.drainSeconds * 1000);
    frontEnd = undefined;
    // Streams are requests that never end by themselves.
    await eventStreams.stop();
    await presenceStreams.stop();
    await flows.idle(LAST_REQUESTS_MS);
  });
  return addresses;
}
