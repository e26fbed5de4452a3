import { type BackEnd, endpointRemoval, openBackEnd } from '@rollcall/back-end';
import type { Log, Registry } from '@rollcall/process';
import { AttemptLimiter, type Flow, NonceIssuer, serveWebSockets, systemClock, TransactionLayer } from '@rollcall/sip';
import { OpenFlows } from './drain.ts';
import { hostPort, reachable } from './host-port.ts';
import { EventStreams } from './http/event-streams.ts';
import { makeHttpServer } from './http/server.ts';
import { Keys, type LoadedKeys } from './keys.ts';
import { Lease } from './lease.ts';
import { explain, type Listeners, openListeners } from './listeners.ts';
import { type FrontEndMetrics, makeFrontEndMetrics } from './metrics.ts';
import { Reaper } from './reaper.ts';
import { RegistrationEvents } from './registration-events.ts';
import type { FrontEndSettings } from './settings.ts';
import { AccountWatch } from './sip/account-watch.ts';
import { unavailable } from './sip/answer.ts';
import { Associations } from './sip/association.ts';
import type { FrontEnd } from './sip/context.ts';
import { CredentialStore } from './sip/credential-store.ts';
import { dispatch } from './sip/dispatch.ts';
import { Domains } from './sip/domains.ts';
import { Receiver } from './sip/receive.ts';
import { serviceRoute } from './sip/service-route.ts';
import { startBus } from './start-bus.ts';
import { AccessTokens } from './token/access-token.ts';
import { OidcTokens } from './token/oidc-tokens.ts';

export interface FrontEndOptions {
  settings: FrontEndSettings;
  log: Log;
  metrics: Registry;
}

export interface RunningFrontEnd {
  /** `host:port` of each listener, with the real port where 0 was asked for. */
  readonly addresses: { udp: string; tcp: string; tls: string; ws: string; http: string };
  /** Drains: closes connections over `drainSeconds`, refuses new requests, lets those under way end, leaves the pool. */
  stop(): Promise<void>;
}

type Closers = (() => unknown)[];

/** How long requests under way may take to end when the front end stops, ms. */
const LAST_REQUESTS_MS = 5000;

/** How long one key signs nonces and tokens; it is accepted for as long again. */
const KEY_DAYS = 7;
const DAY = 86_400;

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
  const keys = new Keys(
    () => loadKeys(backEnd),
    (error) => log.error({ err: error }, 'keys could not be re-read'),
  );
  await keys.start();
  closers.push(() => keys.stop());

  const bus = await startBus(settings, metrics, log);
  closers.push(() => bus.close());

  // 2. Listeners: from a socket through the transaction layer to `dispatch`.
  let frontEnd: FrontEnd | undefined;
  const flows = new OpenFlows();
  const transactions = new TransactionLayer({
    clock: systemClock,
    onRequest(request, transaction) {
      if (!frontEnd) return transaction.respondStateless(unavailable(request, 1, 'Starting Or Stopping'));
      void flows.during(transaction.flow, dispatch(frontEnd, request, transaction));
    },
    onStray: () => metrics.dropped('stray'),
  });
  closers.push(() => transactions.close());
  const associations = new Associations();
  const onClosed = (flow: Flow) => associations.flowClosed(flow);
  const receiver = new Receiver({ transactions, flows, metrics, log, onClosed });
  const listeners = await openListeners(settings, log, receiver);
  closers.push(() => Promise.all(Object.values(listeners).map((listener) => listener.close())));

  // 3. HTTP, for operators and balancers, and for SIP over WebSocket.
  let lease: Lease | undefined;
  let draining = false;
  const notReady = () => [
    ...(frontEnd && !draining ? [] : ['starting or stopping']),
    ...(lease?.held ? [] : ['back end away']),
  ];
  const http = makeHttpServer({
    ...{ metrics, notReady, frontEnd: () => frontEnd, proxyNetworks: settings.proxyNetworks },
    underWay: (change) => flows.count(change),
  });
  await http.listen({ host: settings.host, port: settings.httpPort }).catch((error) => {
    throw explain(error, '--http-port', settings.host, settings.httpPort);
  });
  closers.push(() => http.close());
  const webSockets = serveWebSockets(http.server, { on: receiver, origins: settings.wsOrigins });
  closers.push(() => webSockets.close());

  // 4. Its place in the pool.
  const httpAddress = hostPort(http.server.address() as { address: string; port: number });
  const addresses = {
    udp: hostPort(listeners.udp.address),
    tcp: hostPort(listeners.tcp.address),
    tls: hostPort(listeners.tls.address),
    ws: httpAddress,
    http: httpAddress,
  };
  const connections = () => listeners.tcp.connections + listeners.tls.connections + webSockets.connections;
  const joinedAs = Object.fromEntries(
    Object.entries(addresses).map(([transport, address]) => [transport, reachable(address)]),
  );
  const joined = new Lease({
    backEnd,
    addresses: joinedAs,
    connections,
    log,
    lost: () => flows.closeAll(),
  });
  await joined.start();
  lease = joined;
  closers.push(() => joined.stop());
  const registrationEvents = new RegistrationEvents({ bus, frontEndId: () => joined.id });
  registrationEvents.start();
  closers.push(() => registrationEvents.stop());
  registrationEvents.onEndpointRemoved(({ reason }) => metrics.endpointRemoved(reason));
  const reaper = new Reaper({ reap: () => reap(backEnd, joined, registrationEvents, metrics, log), log });
  reaper.start();
  closers.push(() => reaper.stop());
  const onEnded = () => metrics.associationEnded();
  const credentials = new CredentialStore();
  const accountWatch = new AccountWatch({ bus, backEnd, associations, credentials, log, onEnded });
  accountWatch.start();
  closers.push(() => accountWatch.stop());
  addGauges(metrics, transactions, listeners);
  metrics.gauge('rollcall_ws_connections', 'Open SIP connections over WebSocket', () => webSockets.connections);

  // 5. Serve, until stopped: then let requests under way end before anything that they need closes.
  const domains = new Domains({
    own: settings.domain,
    addresses: [settings.host, listeners.udp.address.address],
    load: async () => (await backEnd.listDomains()).map(({ name }) => name),
    now: () => performance.now(),
  });
  await domains.reload();
  const eventStreams = new EventStreams({ backEnd, bus, metrics, logOutage: outageLog(log) });
  eventStreams.start();
  metrics.gauge('rollcall_event_streams', 'Open event streams of HTTP clients', () => eventStreams.size);
  frontEnd = {
    lease,
    settings,
    log,
    metrics,
    backEnd,
    bus,
    registrationEvents,
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
    eventStreams,
    logOutage: outageLog(log),
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
    await flows.idle(LAST_REQUESTS_MS);
  });
  return addresses;
}

async function loadKeys(backEnd: BackEnd): Promise<LoadedKeys> {
  const [nonce, gruu, token] = await Promise.all([
    backEnd.findKeys({ purpose: 'nonce', rotateAfter: KEY_DAYS * DAY, retireAfter: 2 * KEY_DAYS * DAY }),
    backEnd.findKeys({ purpose: 'gruu' }),
    backEnd.findKeys({ purpose: 'token', rotateAfter: KEY_DAYS * DAY, retireAfter: 2 * KEY_DAYS * DAY }),
  ]);
  return { nonce, gruu, token };
}

function makeOidc({ oidcIssuer, oidcAudience, oidcAccountClaim }: FrontEndSettings): OidcTokens | undefined {
  if (oidcIssuer === undefined || oidcAudience === undefined) return undefined;
  return new OidcTokens({ issuer: oidcIssuer, audience: oidcAudience, accountClaim: oidcAccountClaim });
}

/** At most one line in five seconds: an outage fails every request, and the log is to be read. */
function outageLog(log: Log): (error: unknown) => void {
  let quietUntil = 0;
  return (error) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + 5000;
    log.error({ err: error }, 'requests are answered 503: the back end is unavailable');
  };
}

/** Removes what has expired, and what dead front ends have left behind, a batch at a time. */
async function reap(
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
}

function addGauges(metrics: FrontEndMetrics, transactions: TransactionLayer, listeners: Listeners): void {
  metrics.gauge('rollcall_sip_transactions', 'Live SIP transactions', () => transactions.size);
  metrics.gauge('rollcall_tcp_connections', 'Open SIP connections over TCP', () => listeners.tcp.connections);
  metrics.gauge('rollcall_tls_connections', 'Open SIP connections over TLS', () => listeners.tls.connections);
}
