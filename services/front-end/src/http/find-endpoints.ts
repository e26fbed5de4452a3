import type { ListedEndpoint } from '@rollcall/back-end';
import type { FrontEnd } from '../sip/context.ts';
import type { AccountAddress } from './address.ts';
import { shownInstance, storedInstance } from './instance.ts';
import { Problem } from './problem.ts';

export type ShownEndpoint = ReturnType<typeof shownEndpoint>;

/** An endpoint as the API shows it. */
export function shownEndpoint(listed: ListedEndpoint) {
  const { id, instance, uri, transport, userAgent, receivedFrom, frontEndId } = listed;
  return {
    ...{
      id,
      instance: instance === null ? null : shownInstance(instance),
      uri,
      transport,
      userAgent,
      receivedFrom,
      frontEndId,
    },
    registeredAt: listed.registeredAt.toISOString(),
    refreshedAt: listed.refreshedAt.toISOString(),
    expiresAt: listed.expiresAt.toISOString(),
  };
}

export async function listOwnEndpoints(frontEnd: FrontEnd, { user, domain }: AccountAddress): Promise<ShownEndpoint[]> {
  return (await frontEnd.backEnd.listEndpoints({ user, domain })).map(shownEndpoint);
}

/** @throws Problem 404 */
export async function findEndpoint(
  frontEnd: FrontEnd,
  { user, domain }: AccountAddress,
  instance: string,
): Promise<ShownEndpoint> {
  const stored = storedInstance(instance);
  const listed = await frontEnd.backEnd.listEndpoints({ user, domain });
  const found = listed.find((endpoint) => endpoint.transport === 'HTTP' && endpoint.instance === stored);
  if (!found) throw endpointUnknown();
  return shownEndpoint(found);
}

export function endpointUnknown(): Problem {
  return new Problem(404, 'endpoint-unknown', { detail: 'No HTTP endpoint of this instance is registered' });
}
