import { DIALOG_TOKEN_PREFIX, FLOW_TOKEN_PREFIX, type Flow, type SipUri } from '@rollcall/sip';
import type { FrontEnd } from './context.ts';

/** It carries a token of the pool's, by its looks: whether it is one is for whoever reads it to say. */
export function isToken({ user }: SipUri): boolean {
  return user !== undefined && (user.startsWith(DIALOG_TOKEN_PREFIX) || user.startsWith(FLOW_TOKEN_PREFIX));
}

/** RFC 3261 §16.4: a Route value that means this pool, as a softphone puts one for its server or a Record-Route made it. */
export function isOwnRoute({ domains, settings }: FrontEnd, flow: Flow, uri: SipUri): boolean {
  if (isToken(uri)) return true;
  const { host, port } = uri;
  if (settings.advertise === host) return true;
  const known = domains.known(host, flow.local.address);
  // By name it is the pool; by address only at a port of ours, since something else may listen at another.
  return known !== undefined && (known === host || port === undefined || isOwnPort(settings, flow, port));
}

function isOwnPort({ sipPort, sipsPort, httpPort }: FrontEnd['settings'], flow: Flow, port: number): boolean {
  return [flow.local.port, sipPort, sipsPort, httpPort].includes(port);
}
