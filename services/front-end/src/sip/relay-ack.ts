import type { RoutedEndpoint } from '@rollcall/back-end';
import {
  type Flow,
  forwardedRequest,
  maxForwards,
  type SipRequest,
  type SipUri,
  takeOwnRoutes,
  to,
} from '@rollcall/sip';
import { isOwnTag } from './answer.ts';
import type { FrontEnd } from './context.ts';
import { dialogSide, findSide, hasDialogToken } from './dialog.ts';
import { type Forwarding, findHop, forwardedUri, type Hop, REMOVED } from './forwarding.ts';
import { isOwnRoute } from './own-route.ts';
import { heldSender, type Sender } from './sender.ts';
import { findTarget } from './target.ts';

/**
 * The ACK of a 2xx (RFC 3261 §13.2.2.4): goes the way that its INVITE went, is answered by nobody and asked for no password.
 * Done when it returns, where nobody need be asked for the way.
 */
export function relayAck(frontEnd: FrontEnd, ack: SipRequest, flow: Flow): Promise<void> | void {
  // Of a challenge or another answer without state (RFC 3261 §8.2.7): it has arrived.
  if (maxForwards(ack) === 0 || isOwnTag(to(ack).tag)) return;
  const { request, taken } = takeOwnRoutes(ack, (uri) => isOwnRoute(frontEnd, flow, uri));
  const forwarding = { request, remove: REMOVED, add: [], mark: '', makesDialog: false };
  if (taken.some(hasDialogToken)) return relayInDialog(frontEnd, { ...forwarding, inDialog: true }, taken);
  // SIPp's own scenarios know no Route: theirs goes to the address of the callee, if its sender is known without a challenge.
  const sender = heldSender(frontEnd, request, flow);
  return sender && relayToAddress(frontEnd, { ...forwarding, inDialog: false }, sender, flow);
}

async function relayToAddress(frontEnd: FrontEnd, forwarding: Forwarding, sender: Sender, flow: Flow): Promise<void> {
  const target = await findTarget(frontEnd, forwarding.request, sender, flow.local.address);
  if (target.kind === 'outside') return frontEnd.outside.acknowledge(target.way, REMOVED);
  if (target.kind !== 'endpoints') return;
  const { accountId } = target;
  const sent = target.endpoints
    .filter(({ transport }) => transport !== 'HTTP')
    .map(async (endpoint) => send(frontEnd, forwarding, accountId, endpoint));
  // One that has gone is not to keep the others from it.
  const failed = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

function relayInDialog(frontEnd: FrontEnd, forwarding: Forwarding, taken: readonly SipUri[]): Promise<void> | void {
  const side = dialogSide(frontEnd, forwarding.request, taken);
  if (!side) return;
  const { accountId } = side.name;
  if (accountId === 0) {
    const way = frontEnd.outside.dialogWay(forwarding.request, side.name);
    return way && frontEnd.outside.acknowledge(way, forwarding.remove);
  }
  if (side.recent) return send(frontEnd, forwarding, accountId, side.recent);
  return findSide(frontEnd, side, forwarding.request).then(
    (endpoint) => endpoint && send(frontEnd, forwarding, accountId, endpoint),
  );
}

function send(
  frontEnd: FrontEnd,
  forwarding: Forwarding,
  accountId: number,
  endpoint: RoutedEndpoint,
): Promise<void> | void {
  const { request, remove } = forwarding;
  const uri = forwardedUri(forwarding, endpoint);
  const go = ({ flow, add }: Hop) =>
    frontEnd.transactions.send(forwardedRequest(request, { uri, remove, prepend: add }), flow);
  const hop = findHop(frontEnd, forwarding, accountId, endpoint);
  return hop instanceof Promise ? hop.then(go) : go(hop);
}
