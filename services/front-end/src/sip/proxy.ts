import {
  assertedIdentity,
  escapeUser,
  type Flow,
  Fork,
  type ForkTarget,
  formatMessage,
  isLoop,
  loopHash,
  maxForwards,
  privacy,
  refusePrivacy,
  relayedResponse,
  type SipRequest,
  type SipResponse,
  type SipUri,
  seconds,
  sendOn,
  takeOwnRoutes,
  to,
  tokens,
  vias,
} from '@rollcall/sip';
import { answer, badExtension } from './answer.ts';
import type { RequestContext } from './context.ts';
import { dialogSide, dialogTarget, hasDialogToken, senderSide } from './dialog.ts';
import { dialogRoute, endpointTarget, type Forwarding, REMOVED } from './forwarding.ts';
import { deliverMessage } from './message.ts';
import { makesDialog } from './methods.ts';
import { isOwnRoute } from './own-route.ts';
import { respond } from './respond.ts';
import { asPreferred, heldSender, identifySender, type Sender } from './sender.ts';
import { findTarget } from './target.ts';

const ASSERTED = 'P-Asserted-Identity';

/** A request that is for somebody else, RFC 3261 §16. */
export function proxy(context: RequestContext): SipResponse | undefined | Promise<SipResponse | undefined> {
  const { frontEnd, flow } = context;
  // §16.3: validate the request.
  const mark = loopHash(context.request, frontEnd.keys.loopSecret);
  const wrong = checkForwarding(context.request, mark);
  if (wrong) return wrong;

  // §16.4: preprocess routing information.
  const { request, taken } = takeOwnRoutes(context.request, (uri) => isOwnRoute(frontEnd, flow, uri));
  if (taken.length > 0 && isInDialog(request) && taken.some(hasDialogToken)) {
    return proxyInDialog(context, request, taken, mark);
  }
  return proxyAnew(context, request, mark);
}

/** A request of which nobody has said yet where it goes; `request` without our Route values. */
async function proxyAnew(context: RequestContext, request: SipRequest, mark: string): Promise<SipResponse | undefined> {
  const { frontEnd, flow, transaction } = context;
  let cancelled = false;
  // A caller whose connection is gone gets no answer any more: nobody is to ring for it.
  transaction.onCancel = transaction.onTransportError = () => {
    cancelled = true;
  };

  // §16.3 step 6: proxy authorization.
  const identified = heldSender(frontEnd, request, flow) ?? (await identifySender(context));
  if ('status' in identified) return identified;
  const sender = asPreferred(frontEnd, request, flow, identified);

  // Server applications may answer it, or send it elsewhere.
  const looking = frontEnd.applications.inspect({ request, flow }, provenSender(sender));
  const decision = looking && (await looking);
  if (decision?.kind === 'answer') return decision.response;
  const wanted = decision?.request ?? request;

  // §16.5: determine the targets.
  const [target, side] = await Promise.all([
    findTarget(frontEnd, wanted, sender, flow.local.address),
    makesDialog(wanted) ? senderSide(frontEnd, wanted, sender, flow) : undefined,
  ]);
  if (target.kind === 'refused') {
    if (target.outcome === 'credentials_changed') frontEnd.associations.distrust(flow, sender.address);
    return target.response;
  }
  const route = side && dialogRoute(frontEnd, wanted, flow, side).line;
  const forwarding = forwardingOf(wanted, sender, mark, route);

  // RFC 3428 §7: an instant message is delivered, stored or refused.
  if (request.method === 'MESSAGE' && !isInDialog(request)) return deliverMessage(frontEnd, forwarding, target);

  if (cancelled) return answer(context.request, 487);
  switch (target.kind) {
    case 'outside':
      return fork(context, [frontEnd.outside.target(forwarding, target.way)]);
    case 'endpoints': {
      const { accountId, endpoints } = target;
      // An HTTP endpoint takes messages only.
      const reached = endpoints.filter(({ transport }) => transport !== 'HTTP');
      if (reached.length === 0) return answer(context.request, 480);
      return fork(
        context,
        reached.map((endpoint) => endpointTarget(frontEnd, forwarding, accountId, endpoint)),
      );
    }
  }
}

/** RFC 3261 §12.2: what makes a call, or is for somebody anew, is not covered by the tokens of an old one. */
function isInDialog(request: SipRequest): boolean {
  return to(request).tag !== undefined;
}

/** §16.3 steps 3 to 5: Max-Forwards, loops, extensions; RFC 3323 §5. */
function checkForwarding(request: SipRequest, mark: string): SipResponse | undefined {
  if (maxForwards(request) === 0) return answer(request, 483);
  if (vias(request).length > 1 && isLoop(request, mark)) return answer(request, 482);
  // RFC 5393 §5.3.1, before anything is kept of it.
  if (request.headers.has('Max-Breadth') && seconds(request, 'Max-Breadth') === 0) return answer(request, 440);
  if (request.headers.has('Proxy-Require')) {
    const unsupported = badExtension(request, tokens(request, 'Proxy-Require'), []);
    if (unsupported) return unsupported;
  }
  const unkept = request.headers.has('Privacy') ? refusePrivacy(request) : undefined;
  return unkept && answer(request, unkept.status, [], unkept.reason);
}

/**
 * A request inside a dialog: its tokens say whom it is for, wherever that endpoint is by now. Who has them takes part in
 * that call and reaches nobody else by them, so nobody is asked for a password in the middle of it.
 */
function proxyInDialog(
  context: RequestContext,
  request: SipRequest,
  taken: readonly SipUri[],
  mark: string,
): SipResponse | undefined {
  const { frontEnd } = context;
  const side = dialogSide(frontEnd, request, taken);
  if (!side) return answer(context.request, 403, [], 'Route Is Not Ours');
  const forwarding: Forwarding = { request, remove: REMOVED, add: [], mark, makesDialog: false, inDialog: true };
  if (side.name.accountId === 0) {
    const way = frontEnd.outside.dialogWay(request, side.name);
    if (!way) return answer(context.request, 403, [], 'Not In This Dialog');
    return fork(context, [frontEnd.outside.target(forwarding, way)]);
  }
  return fork(context, [dialogTarget(frontEnd, forwarding, side)]);
}

/** §16.6 steps 1 to 4, as far as they are the same for all targets. */
function forwardingOf(
  request: SipRequest,
  sender: Sender,
  mark: string,
  dialogRoute?: Forwarding['add'][number],
): Forwarding {
  // A trusted network asserts by itself who it speaks for (RFC 3325 §5).
  const own = sender.account && assertedIdentity({ uri: uriOf(sender) });
  const asserted = own ? [own] : request.headers.getAll(ASSERTED).map((value) => [ASSERTED, value] as const);
  // RFC 3325 §7: endpoints are not told who wants not to be known.
  const secret = request.headers.has('Privacy') && privacy(request).has('id');
  const shown = [...(dialogRoute ? [dialogRoute] : []), ...(own && !secret ? [own] : [])];
  return {
    request,
    remove: sender.account || secret ? REMOVED : ['Proxy-Authorization'],
    add: shown,
    ...(secret && { withheld: asserted }),
    mark,
    makesDialog: dialogRoute !== undefined,
    inDialog: false,
  };
}

function uriOf({ address }: Sender): string {
  const at = address.lastIndexOf('@');
  return `sip:${escapeUser(address.slice(0, at))}${address.slice(at)}`;
}

/** §16.7: collects what the targets answer, and answers the request with the best of it. */
function fork(context: RequestContext, targets: readonly ForkTarget[]): undefined {
  const { request, transaction } = context;
  const running = new Fork({
    request,
    targets,
    respond: (response) => respond(context, response),
    answer: (status) => answer(request, status),
    accepted: () => passTo(transaction.flow),
  });
  transaction.onCancel = transaction.onTransportError = () => running.cancel();
  running.start();
}

/** RFC 3261 §16.7 step 5: a 2xx that comes again goes to the caller; for that nothing is kept but its flow. */
function passTo(flow: Flow): (response: SipResponse) => void {
  return (response) => void sendOn(flow, formatMessage(relayedResponse(response)));
}

function provenSender({ account, address }: Sender): { user: string; domain: string } | undefined {
  if (!account) return undefined;
  const at = address.lastIndexOf('@');
  return { user: address.slice(0, at), domain: address.slice(at + 1) };
}
