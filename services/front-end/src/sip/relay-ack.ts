import type { RoutedEndpoint } from '@rollcall/back-end';
import { type Flow, forwardedRequest, maxForwards, type SipRequest, type SipUri, takeOwnRoutes } from '@rollcall/sip';
import type { Way } from '../outside.ts';
import type { FrontEnd } from './context.ts';
import { dialogSide, findSide, hasDialogToken } from './dialog.ts';
import { findHop, forwardedUri, REMOVED } from './forwarding.ts';
import { isOwnRoute } from './own-route.ts';
import { heldSender } from './sender.ts';
import { findTarget } from './target.ts';

/** The ACK of a 2xx (RFC 3261 §13.2.2.4): goes the way that its INVITE went, is answered by nobody and asked for no password. */
export async function relayAck(frontEnd: FrontEnd, ack: SipRequest, flow: Flow): Promise<void> {
  if (maxForwards(ack) === 0) return;
  const { request, taken } = takeOwnRoutes(ack, (uri) => isOwnRoute(frontEnd, flow, uri));
  const remove = REMOVED;
  const { way, accountId, endpoints, inDialog } = await findEndpoints(frontEnd, request, flow, taken);
  if (way) return frontEnd.outside.acknowledge(way, remove);
  for (const endpoint of endpoints) {
    const forwarding = { request, remove, add: [], mark: '', makesDialog: false, inDialog };
    const hop = await findHop(frontEnd, forwarding, accountId, endpoint);
    const uri = forwardedUri(forwarding, endpoint);
    frontEnd.transactions.send(forwardedRequest(request, { uri, remove, prepend: hop.add }), hop.flow);
  }
}

/** Whom it is for: the server outside of the pool, or endpoints. */
interface Acknowledged {
  way?: Way | undefined;
  accountId: number;
  endpoints: readonly RoutedEndpoint[];
  inDialog: boolean;
}

async function findEndpoints(
  frontEnd: FrontEnd,
  request: SipRequest,
  flow: Flow,
  taken: readonly SipUri[],
): Promise<Acknowledged> {
  if (taken.some(hasDialogToken)) {
    const side = dialogSide(frontEnd, request, taken);
    if (side?.name.accountId === 0) return { ...NONE, way: frontEnd.outside.dialogWay(request, side.name) };
    const endpoint = side && (side.recent ?? (await findSide(frontEnd, side, request)));
    return side && endpoint ? { accountId: side.name.accountId, endpoints: [endpoint], inDialog: true } : NONE;
  }
  // SIPp's own scenarios know no Route: theirs goes to the address of the callee, if its sender is known without a challenge.
  const sender = heldSender(frontEnd, request, flow);
  const target = sender && (await findTarget(frontEnd, request, sender, flow.local.address));
  if (target?.kind === 'outside') return { ...NONE, way: target.way };
  return target?.kind === 'endpoints' ? { ...target, inDialog: false } : NONE;
}

const NONE = { accountId: 0, endpoints: [], inDialog: false };
