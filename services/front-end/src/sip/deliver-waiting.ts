import type { RoutedEndpoint, WaitingMessage } from '@rollcall/back-end';
import { createRequest, type SipRequest } from '@rollcall/sip';
import { answer } from './answer.ts';
import type { FrontEnd } from './context.ts';
import { forkMessage } from './fork-message.ts';
import { endpointTarget } from './forwarding.ts';

/** Messages that are claimed at once. */
const PAGE = 10;

/**
 * Delivers what waits for an account to one of its endpoints, in order, one after the other. A message is removed after
 * the endpoint's 2xx and not before; at the first that it does not take the others go on waiting.
 */
export async function deliverWaiting(frontEnd: FrontEnd, accountId: number, endpointId: number): Promise<void> {
  try {
    const endpoint = await findEndpoint(frontEnd, accountId, endpointId);
    if (endpoint) await deliverAll(frontEnd, accountId, endpoint);
  } catch (error) {
    // What was claimed is free again when the claim runs out.
    frontEnd.logOutage(error);
  }
}

async function deliverAll(frontEnd: FrontEnd, accountId: number, endpoint: RoutedEndpoint): Promise<void> {
  const { backEnd, lease, metrics } = frontEnd;
  const { id: endpointId, instance } = endpoint;
  const queue = { accountId, frontEndId: lease.id, endpointId, ...(instance !== undefined && { instance }) };
  let claim: number | undefined;
  for (;;) {
    const taken = await backEnd.takeMessages({ ...queue, limit: PAGE, ...(claim !== undefined && { claim }) });
    if (taken.outcome !== 'taken') return;
    claim = taken.claim;
    for (const message of taken.messages) {
      if (!(await deliverOne(frontEnd, accountId, endpoint, message))) {
        await backEnd.releaseMessages({ accountId, claim });
        return;
      }
      await backEnd.messageDelivered({ accountId, messageId: message.id, claim });
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

async function findEndpoint(frontEnd: FrontEnd, accountId: number, endpointId: number) {
  const target = { accountId, endpointId, instanceHash: '', uri: '' };
  const found = await frontEnd.backEnd.route({ from: '', checkFrom: false, target });
  return found.outcome === 'routed' ? found.endpoints.find(({ id }) => id === endpointId) : undefined;
}
