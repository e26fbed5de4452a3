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
import { type Forwarding, findHop, REMOVED, requestUri } from './forwarding.ts';
import { isOwnRoute } from './own-route.ts';
import { heldSender } from './sender.ts';
import { findTarget } from './target.ts';

/** The ACK of a 2xx (RFC 3261 §13.2.2.4): goes the way that its INVITE went, is answered by nobody and asked for no password. */
export async function relayAck(frontEnd: FrontEnd, ack: SipRequest, flow: Flow): Promise<void> {
  // Of a challenge or another answer without state (RFC 3261 §8.2.7): it has arrived.
  if (maxForwards(ack) === 0 || isOwnTag(to(ack).tag)) return;
  const { request, taken } = takeOwnRoutes(ack, (uri) => isOwnRoute(frontEnd, flow, uri));
  const forwarding = { request, remove: REMOVED, add: [], mark: '', makesDialog: false };
  if (taken.some(hasDialogToken)) return relayInDialog(frontEnd, { ...forwarding, inDialog: true }, taken);
  // SIPp's own scenarios know no Route: theirs goes to the address of the callee, if its sender is known without a challenge.
  const sender = heldSender(frontEnd, request, flow);
  const target = sender && (await findTarget(frontEnd, request, sender, flow.local.address));
  if (target?.kind !== 'endpoints') return;
  const { accountId } = target;
  const sent = target.endpoints
    .filter(({ transport }) => transport !== 'HTTP')
    .map((endpoint) => send(frontEnd, { ...forwarding, inDialog: false }, accountId, endpoint));
  // One that has gone is not to keep the others from it.
  const failed = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

async function relayInDialog(frontEnd: FrontEnd, forwarding: Forwarding, taken: readonly SipUri[]): Promise<void> {
  const name = dialogSide(frontEnd, forwarding.request, taken);
  if (!name) return;
  if (name.accountId === 0) return frontEnd.outside.acknowledge(forwarding);
  const endpoint = await findSide(frontEnd, name, forwarding.request);
  if (endpoint) await send(frontEnd, forwarding, name.accountId, endpoint);
}

async function send(
  frontEnd: FrontEnd,
  forwarding: Forwarding,
  accountId: number,
  endpoint: RoutedEndpoint,
): Promise<void> {
  const { request, remove } = forwarding;
  const hop = await findHop(frontEnd, forwarding, accountId, endpoint);
  const uri = requestUri(forwarding, endpoint);
  frontEnd.transactions.send(forwardedRequest(request, { uri, remove, prepend: hop.add }), hop.flow);
}
