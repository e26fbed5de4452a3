import { endpointKey, type RegisterInSessionOutcome } from '@rollcall/back-end';
import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { tokenInvalid } from './authorize.ts';
import { endpointUnknown, findEndpoint, type ShownEndpoint } from './find-endpoints.ts';
import { httpContact, storedInstance } from './instance.ts';
import { Problem } from './problem.ts';

export interface RegisterEndpointRequest {
  instance: string;
  /** Seconds. */
  expires?: number;
  displayName?: string;
  /** 'ip:port' */
  receivedFrom: string;
  userAgent: string | undefined;
}

/** PUT: the rules of a REGISTER (RFC 3261 §10.3), and the answer leaves after the back end has committed it. */
export async function registerEndpoint(
  frontEnd: FrontEnd,
  holder: TokenHolder,
  request: RegisterEndpointRequest,
): Promise<{ isNew: boolean; endpoint: ShownEndpoint }> {
  const { minExpires, maxExpires, defaultExpires } = frontEnd.settings;
  const expires = Math.min(request.expires ?? defaultExpires, maxExpires);
  if (expires < minExpires) {
    const detail = `expires must be at least ${minExpires} seconds`;
    throw new Problem(422, 'expiry-too-brief', { detail, more: { minExpires } });
  }
  const outcome = await change(frontEnd, holder, { ...request, expires });
  const stored = storedInstance(request.instance);
  const isNew = outcome.endpoints.some((endpoint) => endpoint.instance === stored && endpoint.isNew);
  for (const gone of outcome.removed) {
    frontEnd.log.info(
      { account: `${holder.user}@${holder.domain}`, endpoint: gone.endpointId },
      'endpoint left: quota',
    );
  }
  frontEnd.registrationEvents.removed(outcome.removed);
  frontEnd.bus.publish('endpoint', [endpointKey(holder.accountId, stored)]);
  return { isNew, endpoint: await findEndpoint(frontEnd, holder, request.instance) };
}

/** DELETE. @throws Problem 404 when it is not registered */
export async function removeEndpoint(frontEnd: FrontEnd, holder: TokenHolder, instance: string): Promise<void> {
  await change(frontEnd, holder, { instance, expires: 0, receivedFrom: '', userAgent: undefined });
  frontEnd.bus.publish('endpoint', [endpointKey(holder.accountId, storedInstance(instance))]);
}

type Registered = Extract<RegisterInSessionOutcome, { outcome: 'registered' }>;

async function change(
  frontEnd: FrontEnd,
  { accountId, sessionId, credentialVersion, user, domain }: TokenHolder,
  { instance, expires, displayName, receivedFrom, userAgent }: RegisterEndpointRequest & { expires: number },
): Promise<Registered> {
  const stored = storedInstance(instance);
  const shownAs = displayName ?? userAgent;
  const outcome = await frontEnd.backEnd.registerInSession({
    ...{ accountId, sessionId, credentialVersion, instance: stored, expires, receivedFrom },
    ...httpContact({ user, domain }, stored),
    maximumEndpoints: frontEnd.settings.maxEndpoints,
    frontEndId: frontEnd.lease.id,
    ...(shownAs !== undefined && { userAgent: shownAs.slice(0, 200).toWellFormed() }),
  });
  switch (outcome.outcome) {
    case 'registered':
      if (outcome.notificationsDue) frontEnd.notifier.changed([accountId]);
      return outcome;
    case 'endpoint_unknown':
      throw endpointUnknown();
    case 'session_closed':
      throw tokenInvalid();
  }
}
