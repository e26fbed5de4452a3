import {
  forwardedRequest,
  maxForwards,
  readFlowToken,
  relayedResponse,
  type SipResponse,
  takeOwnRoutes,
  to,
} from '@rollcall/sip';
import { answer } from './answer.ts';
import type { RequestContext } from './context.ts';
import { dialogRoute, markStale } from './forwarding.ts';
import { makesDialog } from './methods.ts';
import { isToken } from './own-route.ts';
import { respond } from './respond.ts';

/**
 * A request that another front end hands over, for a flow that is here (RFC 5626 §5.3): its Route names the flow. Who
 * sends it, and whether it may, was found out there; nobody else can make the token.
 */
export function relay(context: RequestContext): SipResponse | undefined {
  const { frontEnd, transaction } = context;
  const { request, taken } = takeOwnRoutes(context.request, isToken);
  const target = readFlowToken(taken[0]?.user ?? '', frontEnd.keys.nonce);
  if (!target || taken.length > 1) return answer(request, 403, [], 'No Flow Of Ours');
  if (maxForwards(request) === 0) return answer(request, 483);

  // RFC 5626 §5.3.1: the flow must still be the one that the endpoint registered on. A datagram finds its way anyway.
  const held = target.frontEndId === frontEnd.lease.id || target.flow.startsWith('udp:');
  const flow = held ? frontEnd.flows.find(target.flow) : undefined;
  if (!flow) {
    markStale(frontEnd, target);
    return answer(request, 430);
  }
  const prepend =
    makesDialog(request.method) && to(request).tag === undefined ? [dialogRoute(frontEnd, request, flow, target)] : [];
  const sent = frontEnd.transactions.request(forwardedRequest(request, { prepend }), flow, {
    response(response) {
      // RFC 3261 §16.7 step 5
      if (response.status !== 100) respond(context, relayedResponse(response));
    },
    timeout: () => respond(context, answer(request, 408)),
    transportError: () => respond(context, answer(request, 430)),
  });
  transaction.onCancel = () => sent.cancel();
  return undefined;
}
