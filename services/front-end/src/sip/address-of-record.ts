import { requestUri, type SipRequest, type SipUri, takeOwnRoutes } from '@rollcall/sip';
import type { RequestContext } from './context.ts';
import { isOwnRoute } from './own-route.ts';

export interface RequestedAddress {
  readonly user: string;
  readonly domain: string;
  readonly uri: SipUri;
  /** The request, without the Route values that led here. */
  readonly request: SipRequest;
}

/** The address of this pool that a request asks the pool itself about; undefined: it is to be passed on. */
export async function requestedAddress({
  frontEnd,
  request: came,
  flow,
}: RequestContext): Promise<RequestedAddress | undefined> {
  const { request } = takeOwnRoutes(came, (uri) => isOwnRoute(frontEnd, flow, uri));
  if (request.headers.has('Route')) return undefined;
  const uri = requestUri(request);
  // A GRUU is one endpoint, which answers by itself.
  if (uri.kind !== 'sip' || !uri.user || uri.parameters.has('gr')) return undefined;
  const { domains } = frontEnd;
  const domain = domains.known(uri.host, flow.local.address) ?? (await domains.find(uri.host, flow.local.address));
  return domain === undefined ? undefined : { user: uri.user, domain, uri, request };
}
