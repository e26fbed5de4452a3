import type { ReachableEndpoint, RoutedEndpoint, WaitingMessage } from '@rollcall/back-end';
import { createRequest, type SipRequest } from '@rollcall/sip';
import { answer } from './answer.ts';
import type { FrontEnd } from './context.ts';
import { forkMessage } from './fork-message.ts';
import { endpointTarget } from './forwarding.ts';

/** Messages that are claimed at once. */
const PAGE = 10;

/** Another delivery is under way: when its front end dies, its claim ends with the lease. ms */
const RETRY_MS = 5000;
const RETRIES = 20;

/** An endpoint on its flow. */
export interface Place {
  readonly id: number;
  readonly frontEndId: number;
  readonly flow: string;
}

export function isSame(one: Place, other: Place): boolean {
  return one.id === other.id && one.frontEndId === other.frontEndId && one.flow === other.flow;
}

/**
 * Delivers what waits for an account to one of its endpoints, in order, one after the other. A message is removed after
 * the endpoint's 2xx and not before. When the endpoint does not take one, another gets them that has registered meanwhile.
 */
export async function deliverWaiting(
  frontEnd: FrontEnd,
  accountId: number,
  place: Place,
  retries = RETRIES,
): Promise<void> {
  const tried: Place[] = [];
  try {
    for (let next: Place | undefined = place; next; ) {
      tried.push(next);
      // Who else sends to it holds back until then, where its flow is.
      const end = next.frontEndId === frontEnd.lease.id ? frontEnd.deliveries.begin(next.id) : undefined;
      const delivered = await deliverTo(frontEnd, accountId, next).finally(end);
      if (delivered === 'claimed' && retries > 0) retryLater(frontEnd, accountId, next, retries - 1);
      if (!Array.isArray(delivered)) return;
      next = delivered.find((one) => one.transport !== 'HTTP' && !tried.some((old) => isSame(old, one)));
    }
  } catch (error) {
    // What was claimed is free again when the claim runs out.
    frontEnd.logOutage(error);
  }
}

function retryLater(frontEnd: FrontEnd, accountId: number, place: Place, retries: number): void {
  setTimeout(() => void deliverWaiting(frontEnd, accountId, place, retries), RETRY_MS).unref();
}

/** @returns where else it may be tried, when the endpoint took not all of them */
async function deliverTo(
  frontEnd: FrontEnd,
  accountId: number,
  place: Place,
): Promise<'done' | 'claimed' | ReachableEndpoint[]> {
  const { backEnd, lease, metrics } = frontEnd;
  const endpoint = await findEndpoint(frontEnd, accountId, place);
  if (!endpoint) return 'done';
  const { id: endpointId, instance } = endpoint;
  const queue = { accountId, frontEndId: lease.id, endpointId, ...(instance !== undefined && { instance }) };
  let claim: number | undefined;
  for (;;) {
    const taken = await backEnd.takeMessages({ ...queue, limit: PAGE, ...(claim !== undefined && { claim }) });
    if (taken.outcome !== 'taken') return taken.outcome === 'claimed' ? 'claimed' : 'done';
    claim = taken.claim;
    for (const message of taken.messages) {
      if (!(await deliverOne(frontEnd, accountId, endpoint, message))) {
        return (await backEnd.releaseMessages({ accountId, claim })).endpoints;
      }
      const { changed } = await backEnd.messageDelivered({ accountId, messageId: message.id, claim });
      if (changed) frontEnd.notifier.changed([accountId]);
      metrics.waitingDelivered();
    }
  }
}

async function deliverOne(
  frontEnd: FrontEnd,
  accountId: number,
  endpoint: RoutedEndpoint,
  message: WaitingMessage,
): Promise<boolean> {
  const request = waitingRequest(endpoint, message);
  const forwarding = { request, remove: [], add: [], mark: '', makesDialog: false, inDialog: false };
  const targets = [endpointTarget(frontEnd, forwarding, accountId, endpoint)];
  const { verdict } = await forkMessage(request, targets, () => answer(request, 408));
  return verdict === 'taken';
}

/** The request as its sender sent it, to this endpoint: one that comes again after a crash is known by its Call-ID and CSeq. */
function waitingRequest(endpoint: RoutedEndpoint, message: WaitingMessage): SipRequest {
  const { id, from, to, callId, contentType, headers, body } = message;
  return createRequest({
    method: 'MESSAGE',
    uri: endpoint.uri,
    headers: [
      ['Max-Forwards', '70'],
      ['From', `${from};tag=waiting-${id}`],
      ['To', `<${to}>`],
      ['Call-ID', callId],
      ['CSeq', `${id % 0x8000_0000} MESSAGE`],
      ...headers,
      ['Content-Type', contentType],
    ],
    body,
  });
}

async function findEndpoint(frontEnd: FrontEnd, accountId: number, { id }: Place) {
  const target = { accountId, endpointId: id, instanceHash: '', uri: '' };
  const found = await frontEnd.backEnd.route({ from: '', checkFrom: false, target });
  return found.outcome === 'routed' ? found.endpoints.find((one) => one.id === id) : undefined;
}
