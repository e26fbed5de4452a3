import {
  type Flow,
  type FlowTokenTarget,
  formatMessage,
  forwardedRequest,
  maxForwards,
  relayedResponse,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  sentBy,
  takeOwnRoutes,
  topVia,
} from '@rollcall/sip';
import { answer } from './answer.ts';
import type { FrontEnd } from './context.ts';
import { dialogRoute, markStale } from './forwarding.ts';
import { makesDialog } from './methods.ts';
import { isToken } from './own-route.ts';

/** Takes what another front end hands over, and the answers to that; false for anything else. */
export function relay(frontEnd: FrontEnd, message: SipMessage, flow: Flow): boolean {
  if (message.kind === 'response') return relayResponse(frontEnd, message, flow);
  if (!frontEnd.peers.has(flow)) return false;
  frontEnd.metrics.received(message.method, flow.transport);
  relayRequest(frontEnd, message, flow);
  return true;
}

/**
 * Hands a request of another front end to a flow that is here (RFC 5626 §5.3): its Route names the flow. Who sends it, and
 * whether it may, was found out there; nobody else can make the token.
 *
 * As a stateless proxy does it (RFC 3261 §16.11): the other front end has the transaction, and with it retransmission, CANCEL,
 * ACK and timeouts; this one has nothing that could be lost, or grow, but the messages that `deliveries` holds back for a moment.
 */
function relayRequest(frontEnd: FrontEnd, received: SipRequest, peer: Flow): void {
  const { request, taken } = takeOwnRoutes(received, isToken);
  const target = frontEnd.flowTokens.read(taken[0]?.user ?? '');
  const wrong = !target || taken.length > 1 ? 403 : maxForwards(request) === 0 ? 483 : undefined;
  if (!target || wrong !== undefined) {
    refuse(received, wrong ?? 403, peer);
    return;
  }
  const ahead = request.method === 'MESSAGE' ? frontEnd.deliveries.ahead(target.endpointId) : undefined;
  if (ahead) void ahead.then(() => handOn(frontEnd, received, request, target, peer));
  else handOn(frontEnd, received, request, target, peer);
}

function handOn(
  frontEnd: FrontEnd,
  received: SipRequest,
  request: SipRequest,
  target: FlowTokenTarget,
  peer: Flow,
): void {
  // RFC 5626 §5.3.1: the flow must still be the one that the endpoint registered on. A datagram finds its way anyway.
  const held = target.frontEndId === frontEnd.lease.id || target.flow.startsWith('udp:');
  const flow = held ? frontEnd.flows.find(target.flow) : undefined;
  if (!flow) {
    void markStale(frontEnd, target);
    refuse(received, 430, peer);
    return;
  }
  const route = makesDialog(request) ? [dialogRoute(frontEnd, request, flow, target).line] : [];
  const branch = `${frontEnd.relays.branch}${peer.id.replace(':', '-')}.${topVia(received).branch}`;
  const rport = flow.reliable ? '' : ';rport';
  const via = `SIP/2.0/${flow.transport} ${sentBy(flow)};branch=${branch}${rport}`;
  const copy = forwardedRequest(request, { prepend: [['Via', via], ...route] });
  flow.send(formatMessage(copy));
  frontEnd.relays.sent(branch, copy, flow, peer);
}

function refuse(request: SipRequest, status: number, peer: Flow): void {
  if (request.method !== 'ACK') peer.send(formatMessage(answer(request, status)));
}

/** Takes the response to a request that `relayRequest` handed on; false when it is to something else. */
function relayResponse(frontEnd: FrontEnd, response: SipResponse, flow: Flow): boolean {
  const branch = topVia(response).branch;
  const begin = frontEnd.relays.branch;
  if (!branch?.startsWith(begin)) return false;
  const peer = frontEnd.peers.find(readPeer(branch.slice(begin.length)));
  if (peer) peer.send(formatMessage(relayedResponse(response)));
  frontEnd.relays.answered(branch, response, flow);
  return true;
}

/** The connection that the response goes back on; the rest of a branch is what the other front end made unique. */
function readPeer(rest: string): string {
  return rest.slice(0, rest.indexOf('.')).replace('-', ':');
}
