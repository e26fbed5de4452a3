import type { MarkEndpointStaleRequest, RoutedEndpoint } from '@rollcall/back-end';
import {
  CLIENT_IDENTITY_HEADERS,
  type ClientTransaction,
  type ClientTransactionUser,
  callId,
  type Flow,
  type ForkTarget,
  forwardedRequest,
  makeDialogToken,
  pooledRandom,
  type SipRequest,
} from '@rollcall/sip';
import type { FrontEnd } from './context.ts';
import { flowIdOf } from './flow-id.ts';
import { learning } from './learn-side.ts';
import { recordRoute } from './pool-uri.ts';

/** Header fields that are meant for us: a password's proof, and what a client says of itself. */
export const REMOVED = [...CLIENT_IDENTITY_HEADERS, 'Proxy-Authorization'];

/** A request that is to go on, the same for every endpoint that it goes to. */
export interface Forwarding {
  /** With our Route values taken off. */
  readonly request: SipRequest;
  /** Header field lines that are taken off, and those that come on top of what is left. */
  readonly remove: readonly string[];
  readonly add: readonly (readonly [name: string, value: string])[];
  /** Who its sender is, for those alone that keep it to themselves (RFC 3325 §7). */
  readonly withheld?: readonly (readonly [name: string, value: string])[];
  /** What its branches carry, to know a loop by (RFC 3261 §16.6 step 8). */
  readonly mark: string;
  /** It may make a dialog: both sides are to come back to where the endpoints are then (RFC 3261 §16.6 step 4). */
  readonly makesDialog: boolean;
  /** Its Request-URI is the Contact of the other side by then, and stays. */
  readonly inDialog: boolean;
}

/** The next hop of a request: its flow, and what it adds to the request. */
export interface Hop {
  readonly flow: Flow;
  readonly add: readonly (readonly [name: string, value: string])[];
  /** The connection is reliable, but the front end behind it sends datagrams and keeps no transaction. */
  readonly retransmits?: boolean;
}

/** Its flow is gone, or the front end that held it. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** An endpoint that a request is forked to. */
export interface EndpointTarget extends ForkTarget {
  /** It was given to another front end. When that one is lost before it answers, nobody knows how far the request came. */
  readonly handedOver: boolean;
}

/** RFC 3261 §16.6 for one endpoint: through its flow, wherever in the pool that is. */
export function endpointTarget(
  frontEnd: FrontEnd,
  forwarding: Forwarding,
  accountId: number,
  endpoint: RoutedEndpoint,
): EndpointTarget {
  const target = {
    q: endpoint.q ?? 1000,
    handedOver: false,
    start(user: ClientTransactionUser, maxBreadth: number) {
      const hop = findHop(frontEnd, forwarding, accountId, endpoint);
      return sendTo(hop, user, (found) => {
        target.handedOver = frontEnd.peers.has(found.flow);
        const { request, remove, add, mark, makesDialog } = forwarding;
        const uri = forwardedUri(forwarding, endpoint);
        const set = [['Max-Breadth', String(maxBreadth)] as const];
        const copy = forwardedRequest(request, { uri, remove, set, prepend: [...found.add, ...add] });
        const told = makesDialog && target.handedOver ? learning(frontEnd, user, accountId, endpoint) : user;
        return frontEnd.transactions.request(copy, found.flow, told, {
          mark,
          ...(found.retransmits && { retransmits: true }),
        });
      });
    },
  };
  return target;
}

/** RFC 3261 §16.6 step 2, RFC 5627 §5.3: a GRUU is translated inside a dialog as well. */
export function forwardedUri({ request, inDialog }: Forwarding, endpoint: RoutedEndpoint): string {
  return inDialog && !/;gr(=|;|$)/i.test(request.uri) ? request.uri : endpoint.uri;
}

/** Sends to a hop, now or when the connection to it is there. */
export function sendTo<Found extends Hop>(
  hop: Found | Promise<Found>,
  user: ClientTransactionUser,
  send: (hop: Found) => ClientTransaction,
): { cancel(): void } {
  let transaction: ClientTransaction | undefined;
  let cancelled = false;
  const go = (found: Found) => {
    if (cancelled) user.transportError(new UnreachableError('cancelled before it was sent'));
    else transaction = send(found);
  };
  if (hop instanceof Promise) hop.then(go).catch((error) => user.transportError(error));
  else go(hop);
  return {
    cancel() {
      cancelled = true;
      transaction?.cancel();
    },
  };
}

/** The flow of an endpoint, or the connection to the front end that holds it. @throws UnreachableError */
export function findHop(
  frontEnd: FrontEnd,
  { request, makesDialog }: Pick<Forwarding, 'request' | 'makesDialog'>,
  accountId: number,
  endpoint: RoutedEndpoint,
): Hop | Promise<Hop> {
  const { id: endpointId, instanceHash, frontEndId } = endpoint;
  // RFC 3327 §5.2: it has registered through proxies, and is reached through them.
  const path = endpoint.path.map((value) => ['Route', value] as const);
  const target = { accountId, endpointId, instanceHash };
  const flowId = flowIdOf(endpoint);
  const here = (): Hop => {
    const flow = frontEnd.flows.find(flowId);
    if (!flow) {
      void markStale(frontEnd, { ...endpoint, accountId, endpointId });
      throw new UnreachableError(`endpoint ${endpointId} has lost its connection`);
    }
    if (!makesDialog) return { flow, add: path };
    const { token, line } = dialogRoute(frontEnd, request, flow, target);
    frontEnd.recentSides.keep(token, callId(request), { name: target, endpoint });
    return { flow, add: [...path, line] };
  };
  if (frontEndId === frontEnd.lease.id) return here();
  const token = frontEnd.flowTokens.make({ ...target, frontEndId, flow: flowId });
  const through = (flow: Flow): Hop => {
    const { address, port } = flow.remote;
    const route = ['Route', `<sip:${token}@${address}:${port};transport=tcp;lr>`] as const;
    return { flow, add: [route, ...path], retransmits: endpoint.transport === 'UDP' };
  };
  const connected = frontEnd.peers.connected(frontEndId);
  if (connected) return through(connected);
  return frontEnd.peers.flow(frontEndId).then(through, (error) => {
    // Datagrams find their way from any front end.
    if (endpoint.transport === 'UDP') return here();
    throw error;
  });
}

/** What the pool knows an endpoint by in tokens. */
export interface EndpointName {
  accountId: number;
  endpointId: number;
  instanceHash: string;
}

const random = pooledRandom();

/** The token and Record-Route line for the side of a dialog that is on `flow`. Only requests of this call can use it. */
export function dialogRoute(
  { settings, keys }: Pick<FrontEnd, 'settings' | 'keys'>,
  request: SipRequest,
  flow: Flow,
  endpoint: EndpointName,
): { token: string; line: readonly [name: string, value: string] } {
  const token = makeDialogToken({ ...endpoint, callId: callId(request) }, keys.gruu[0]!, random);
  return { token, line: ['Record-Route', recordRoute(settings, flow, token)] };
}

/**
 * It is routed to no more until it registers again. One that has done so since `refreshedAt` (as `route` said) is left alone.
 * Never rejects.
 */
export async function markStale(
  { log, backEnd, logOutage }: Pick<FrontEnd, 'log' | 'backEnd' | 'logOutage'>,
  { accountId, endpointId, frontEndId, flow, refreshedAt }: MarkEndpointStaleRequest,
): Promise<void> {
  log.info({ endpoint: endpointId, flow }, 'endpoint has lost its connection');
  const registration = { accountId, endpointId, frontEndId, flow, ...(refreshedAt !== undefined && { refreshedAt }) };
  await backEnd.markEndpointStale(registration).catch(logOutage);
}
