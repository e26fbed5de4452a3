import {
  formatUri,
  type NameAddr,
  type OpaqueUri,
  Parameters,
  parseUri,
  requestUri,
  routes,
  type SipRequest,
  type SipUri,
  splitList,
} from '../message/index.ts';
import { removeFirstValue } from './forwarded-request.ts';

/**
 * RFC 3261 §16.4: takes our own values off the top of Route, and undoes what a strict router did. `taken` is in the
 * order in which they came off. The same request comes back when there is nothing to take. A maddr is left as it is,
 * since nothing is sent by it. @throws SipParseError 400
 */
export function takeOwnRoutes(
  request: SipRequest,
  isOwn: (uri: SipUri) => boolean,
): { request: SipRequest; taken: SipUri[] } {
  const taken: SipUri[] = [];
  if (!request.headers.has('Route')) return { request, taken };
  const target = requestUri(request);
  // Our Record-Route values have lr, and no address of record does: only a strict router puts one here.
  if (target.kind === 'sip' && target.parameters.has('lr') && isOwn(target)) {
    taken.push(target);
    request = withLastRouteAsTarget(request);
  }
  const list = routes(request);
  let own = 0;
  for (; own < list.length; own++) {
    const uri = parseUri(list[own]!.uri);
    if (uri.kind !== 'sip' || !isOwn(uri)) break;
    taken.push(uri);
  }
  if (own === 0) return { request, taken };
  const headers = request.headers.clone();
  if (own === list.length) headers.remove('Route');
  else for (let count = 0; count < own; count++) removeFirstValue(headers, 'Route');
  return { request: { ...request, headers }, taken };
}

function withLastRouteAsTarget(request: SipRequest): SipRequest {
  const uri = routes(request).at(-1)?.uri;
  if (uri === undefined) return request;
  const values = request.headers.getAll('Route').flatMap((line) => splitList(line));
  const headers = request.headers.clone().remove('Route');
  for (const value of values.slice(0, -1)) headers.append('Route', value);
  return { ...request, uri, headers };
}

/**
 * Where the request goes: the URI of its top Route value, else its Request-URI (RFC 3261 §16.6 step 7). When that is
 * a strict router, the request comes back as such a one wants it (step 6). @throws SipParseError 400
 */
export function nextHop(request: SipRequest): { request: SipRequest; uri: SipUri | OpaqueUri } {
  const top = routes(request)[0];
  if (top === undefined) return { request, uri: parseUri(request.uri) };
  const uri = parseUri(top.uri);
  if (isLoose(top, uri)) return { request, uri };
  const headers = request.headers.clone();
  removeFirstValue(headers, 'Route');
  headers.append('Route', `<${request.uri}>`);
  return { request: { ...request, uri: targetOf(top, uri), headers }, uri };
}

function isLoose(route: NameAddr, uri: SipUri | OpaqueUri): boolean {
  // Without angle brackets the lr is the header field's, not the URI's (RFC 3261 §20.10).
  return route.parameters.has('lr') || (uri.kind === 'sip' && uri.parameters.has('lr'));
}

/** As it came; but a Request-URI has no headers (RFC 3261 §19.1.1). */
function targetOf(route: NameAddr, uri: SipUri | OpaqueUri): string {
  return uri.kind === 'sip' && uri.headers.size > 0 ? formatUri({ ...uri, headers: new Parameters() }) : route.uri;
}
