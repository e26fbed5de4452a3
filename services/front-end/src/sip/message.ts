import { endpointKey, type ReachableEndpoint, type RoutedEndpoint } from '@rollcall/back-end';
import type { SipRequest, SipResponse } from '@rollcall/sip';
import type { Way } from '../outside.ts';
import { answer } from './answer.ts';
import type { FrontEnd } from './context.ts';
import { deliverWaiting, isSame } from './deliver-waiting.ts';
import { forkMessage } from './fork-message.ts';
import { endpointTarget, type Forwarding } from './forwarding.ts';
import { mayWait, storeMessage } from './store-message.ts';
import type { FoundTarget } from './target.ts';

/** How long a sender waits for HTTP clients alone, ms; then it hears that its message is stored. */
const HTTP_PATIENCE_MS = 2000;

/** The answer to a MESSAGE; of one that is stored also what it is stored as. */
export interface MessageAnswer extends SipResponse {
  readonly messageId?: number;
}

/**
 * An instant message, RFC 3428 §7, to all endpoints of its target at once. The answer says what became of it: 200 an endpoint
 * took it; 202 it is committed, for the endpoint that registers next; anything else neither.
 */
export async function deliverMessage(
  frontEnd: FrontEnd,
  forwarding: Forwarding,
  target: FoundTarget,
): Promise<MessageAnswer> {
  const { request } = forwarding;
  switch (target.kind) {
    case 'outside':
      return sendOutside(frontEnd, forwarding, target.way);
    case 'endpoints':
      return deliverTo({ frontEnd, request, forwarding, ...target, instances: instancesOf(target.endpoints) });
  }
}

async function sendOutside(frontEnd: FrontEnd, forwarding: Forwarding, way: Way): Promise<SipResponse> {
  const { request } = forwarding;
  // RFC 4320 §4.2: a 408 is for INVITE alone.
  const timedOut = () => answer(request, 480);
  return (await forkMessage(request, [frontEnd.outside.target(forwarding, way)], timedOut)).response;
}

/** One message to one account. */
interface Delivery {
  readonly frontEnd: FrontEnd;
  readonly request: SipRequest;
  readonly forwarding: Forwarding;
  readonly accountId: number;
  /** Those that are there now; among them HTTP clients, which read what is for them from the back end. */
  readonly endpoints: readonly RoutedEndpoint[];
  readonly instances: readonly string[];
}

function instancesOf(endpoints: readonly RoutedEndpoint[]): string[] {
  return endpoints.flatMap(({ transport, instance }) =>
    transport === 'HTTP' && instance !== undefined ? [instance] : [],
  );
}

async function deliverTo(delivery: Delivery): Promise<MessageAnswer> {
  const { frontEnd, request, forwarding, accountId, endpoints, instances } = delivery;
  const { deliveries } = frontEnd;
  const targets = endpoints
    .filter(({ transport }) => transport !== 'HTTP')
    .map((endpoint) => deliveries.behind(endpoint.id, endpointTarget(frontEnd, forwarding, accountId, endpoint)));
  if (targets.length === 0) return store(delivery);

  const timedOut = () => answer(request, 408);
  const copy = instances.length > 0 ? await storeCopy(delivery) : undefined;
  const forked = await forkMessage(request, targets, timedOut);
  switch (forked.verdict) {
    case 'taken':
    case 'refused':
      return forked.response;
    case 'unknown':
      // Stored, it might be delivered twice: so its sender is told that nobody knows.
      return answer(request, 500, [], 'Delivery Unknown');
    case 'unreached':
      return copy === undefined ? store(delivery, forked.late) : keep(delivery, copy, forked.late);
  }
}

/** Commits it, for whichever endpoint comes first. `late`: whether an endpoint took it after all. */
async function store(delivery: Delivery, late?: Promise<boolean>): Promise<MessageAnswer> {
  const { frontEnd, request, forwarding, accountId, instances } = delivery;
  if (!mayWait(request)) return answer(request, 480);
  const stored = await storeMessage(frontEnd, accountId, forwarding);
  if (stored.outcome !== 'stored') return answer(request, 480, [], 'Too Many Messages Wait');
  takeBack(delivery, stored.messageId, late);
  deliverToAnother(delivery, stored.endpoints);
  if (await acknowledged(delivery, stored.messageId, instances)) return answer(request, 200);
  return { ...answer(request, 202), messageId: stored.messageId };
}

/** For the HTTP clients alone, as long as another endpoint may take it. Without room for it they go without. */
async function storeCopy({
  frontEnd,
  request,
  forwarding,
  accountId,
  instances,
}: Delivery): Promise<number | undefined> {
  if (!mayWait(request)) return undefined;
  const stored = await storeMessage(frontEnd, accountId, forwarding, instances);
  if (stored.outcome !== 'stored') return undefined;
  frontEnd.bus.publish(
    'endpoint',
    instances.map((instance) => endpointKey(accountId, instance)),
  );
  return stored.messageId;
}

/** No SIP endpoint took it: what the HTTP clients have been given is for everybody now. */
async function keep(delivery: Delivery, messageId: number, late?: Promise<boolean>): Promise<MessageAnswer> {
  const { frontEnd, request, accountId } = delivery;
  const { outcome, endpoints } = await frontEnd.backEnd.keepMessage({ accountId, messageId });
  // Gone, it was acknowledged.
  if (outcome !== 'kept') return answer(request, 200);
  takeBack(delivery, messageId, late);
  deliverToAnother(delivery, endpoints);
  return { ...answer(request, 202), messageId };
}

/** Who registered while this went on was told of no message. */
function deliverToAnother({ frontEnd, accountId, endpoints }: Delivery, now: readonly ReachableEndpoint[]): void {
  const another = now.find((one) => one.transport !== 'HTTP' && !endpoints.some((old) => isSame(old, one)));
  if (another) void deliverWaiting(frontEnd, accountId, another);
}

function takeBack({ frontEnd, accountId }: Delivery, messageId: number, late: Promise<boolean> | undefined): void {
  late
    ?.then((taken) => (taken ? frontEnd.backEnd.messageDelivered({ accountId, messageId }) : undefined))
    .then((delivered) => delivered?.changed && frontEnd.notifier.changed([accountId]))
    .catch(frontEnd.logOutage);
}

/** Wakes the HTTP clients up, and gives them a moment. */
async function acknowledged(
  { frontEnd, accountId }: Delivery,
  messageId: number,
  instances: readonly string[],
): Promise<boolean> {
  if (instances.length === 0) return false;
  const heard = frontEnd.acknowledgements.wait(accountId, messageId, HTTP_PATIENCE_MS);
  frontEnd.bus.publish(
    'endpoint',
    instances.map((instance) => endpointKey(accountId, instance)),
  );
  return heard;
}
