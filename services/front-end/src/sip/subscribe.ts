import { readSubscriptionTag, type SubscribeOutcome } from '@rollcall/back-end';
import { RLMI_TYPE } from '@rollcall/presence';
import { expires, type SipRequest, type SipResponse, to, tokens } from '@rollcall/sip';
import { type ActingSender, credentialsChanged, identifyActor } from './actor.ts';
import { type RequestedAddress, requestedAddress } from './address-of-record.ts';
import { answer, answerInDialog, badExtension, unavailable } from './answer.ts';
import type { RequestContext } from './context.ts';
import {
  ALLOW_EVENTS,
  accepts,
  EVENT_TYPES,
  type EventPackage,
  isEventPackage,
  LIST_TYPES,
  requestedEvent,
} from './event-packages.ts';
import { isGone } from './gone.ts';
import { contactUri } from './pool-uri.ts';
import { proxy } from './proxy.ts';
import { respond } from './respond.ts';
import { requestedDialog } from './subscribe-dialog.ts';

const MINIMUM_EXPIRES = 60;
const MAXIMUM_EXPIRES = 43_200;
const DEFAULT_EXPIRES = 3600;
const LIST = 'eventlist';

interface Wanted {
  readonly event: EventPackage;
  readonly eventId?: string;
  readonly minInterval?: number;
  /** As it was subscribed to. */
  readonly target: { user: string; domain: string };
  /** The watcher's own contact list (RFC 4662). */
  readonly isList: boolean;
  /** Absent: a new subscription. */
  readonly subscriptionId?: number;
}

/** SUBSCRIBE to an event package of the pool's, RFC 6665 §4.2.1; any other is an endpoint's own. */
export async function subscribe(context: RequestContext): Promise<SipResponse | undefined> {
  const { request } = context;
  const { tag } = to(request);
  const event = requestedEvent(request);
  const known = event && isEventPackage(event.name) ? event.name : undefined;
  const refreshed = tag === undefined ? undefined : readSubscriptionTag(tag);
  const target = tag === undefined ? await requestedAddress(context) : undefined;
  // 1. A dialog of an endpoint's, another domain's address, or what only endpoints know.
  if (!refreshed && (!target || (event && !known))) return proxy(context);

  // 2. RFC 6665 §4.2.1.1: the event package; extensions that are to be understood; what the watcher understands.
  if (!known) return answer(request, 489, [['Allow-Events', ALLOW_EVENTS]]);
  const unsupported = badExtension(request, tokens(request, 'Require'), [LIST]);
  if (unsupported) return unsupported;
  const unwanted = target && checkAccepted(request, target, known);
  if (unwanted) return unwanted;

  return subscribeTo(context, {
    ...{ event: known, isList: target?.uri.parameters.has('list') ?? false },
    ...(event?.id !== undefined && { eventId: event.id }),
    ...(event?.minInterval !== undefined && { minInterval: event.minInterval }),
    target: target ? { user: target.user, domain: target.domain } : { user: '', domain: '' },
    ...(refreshed && { subscriptionId: refreshed.id }),
  });
}

/** RFC 4662 §4.2: a list is asked for by its URI, and by those alone that understand it. */
function checkAccepted(request: SipRequest, { uri }: RequestedAddress, event: EventPackage): SipResponse | undefined {
  const isList = uri.parameters.has('list');
  const types = isList ? LIST_TYPES : [EVENT_TYPES[event]];
  if (!accepts(request, types)) return answer(request, 406, [['Accept', types.join(', ')]]);
  if (!isList) return undefined;
  if (event !== 'presence' || uri.parameters.get('list') !== 'contacts')
    return answer(request, 404, [], 'No Such List');
  return understandsLists(request) ? undefined : answer(request, 421, [['Require', LIST]]);
}

function understandsLists(request: SipRequest): boolean {
  const understood = [...tokens(request, 'Supported'), ...tokens(request, 'Require')];
  return understood.some((tag) => tag.toLowerCase() === LIST);
}

/** RFC 4662 §4: one's own address stands for one's contacts, for a client that understands lists and accepts their documents. */
function asksForOwnList(
  request: SipRequest,
  { event, target, subscriptionId }: Wanted,
  { sender }: ActingSender,
): boolean {
  if (event !== 'presence' || subscriptionId !== undefined || sender.address !== `${target.user}@${target.domain}`)
    return false;
  return understandsLists(request) && request.headers.has('Accept') && accepts(request, [RLMI_TYPE]);
}

async function subscribeTo(context: RequestContext, wanted: Wanted): Promise<SipResponse | undefined> {
  const { frontEnd, request, flow } = context;
  const asked = expires(request) ?? DEFAULT_EXPIRES;
  // RFC 6665 §4.2.1.1: too short; 0 ends it, or fetches.
  if (asked > 0 && asked < MINIMUM_EXPIRES) return answer(request, 423, [['Min-Expires', String(MINIMUM_EXPIRES)]]);
  const granted = Math.min(asked, MAXIMUM_EXPIRES);
  const contact = contactUri(frontEnd.settings, flow);
  const dialog = requestedDialog(request, contact);
  if ('status' in dialog) return dialog;

  // 3. RFC 6665 §4.2.1.2: who asks; whether it may see anything its access level says.
  const acting = await identifyActor(context);
  if ('status' in acting) return acting;
  const isList = wanted.isList || asksForOwnList(request, wanted, acting);
  if (isGone(flow) && asked > 0) return unavailable(request, 1, 'Connection Is Gone');
  const outcome = await frontEnd.backEnd.subscribe({
    ...wanted,
    ...{ isList, actor: acting.actor, expires: granted, dialog },
    place: {
      frontEndId: frontEnd.lease.id,
      transport: flow.transport,
      flow: flow.id,
      receivedFrom: `${flow.remote.address}:${flow.remote.port}`,
    },
  });
  if (outcome.outcome !== 'subscribed' && outcome.outcome !== 'ended') return refuse(context, acting, outcome.outcome);

  // 4. §4.2.1.3: the notification comes right behind the 200, in the order in which they are sent.
  const { localTag } = outcome.outcome === 'ended' ? outcome.notification.dialog : outcome;
  const headers: [string, string][] = [
    ['Contact', `<${contact}>`],
    ['Expires', String(granted)],
  ];
  if (isList) headers.push(['Require', LIST]);
  respond(context, answerInDialog(request, 200, localTag, headers));
  frontEnd.notifier.changed(outcome.changed);
  if (outcome.outcome === 'subscribed') {
    const subscription = { accountId: outcome.accountId, id: outcome.subscriptionId };
    // Nobody has heard of a new dialog; a refreshed one is found without a connection.
    if (isGone(flow) && wanted.subscriptionId === undefined) frontEnd.notifier.forget(subscription);
    else frontEnd.notifier.wake([subscription]);
  } else frontEnd.notifier.sendLast(outcome.notification);
  return undefined;
}

function refuse(
  context: RequestContext,
  acting: ActingSender,
  outcome: Exclude<SubscribeOutcome['outcome'], 'subscribed' | 'ended'>,
): SipResponse {
  const { request } = context;
  switch (outcome) {
    case 'credentials_changed':
      return credentialsChanged(context, acting);
    case 'unknown':
    case 'disabled':
      return answer(request, 404);
    case 'forbidden':
    case 'not_own_address':
      return answer(request, 403, [], 'Not Your Own');
    case 'no_dialog':
      return answer(request, 481);
    case 'out_of_order':
      return answer(request, 500, [], 'CSeq Out Of Order');
    case 'too_many':
      return answer(request, 403, [], 'Too Many Subscriptions');
  }
}
