import type { RoutedEndpoint } from '@rollcall/back-end';
import { parseUri } from '@rollcall/sip';

/**
 * The flow of an endpoint. On UDP that is where its REGISTER came from, but for the port, when its Contact names that
 * address: load tools and some phones send from one port and listen at another.
 */
export function flowIdOf({
  transport,
  flow,
  uri,
  receivedFrom,
}: Pick<RoutedEndpoint, 'transport' | 'flow' | 'uri' | 'receivedFrom'>): string {
  if (transport !== 'UDP') return flow;
  if (namesAddress(uri, receivedFrom)) return `udp:${receivedFrom}`;
  const contact = parseUri(uri);
  const colon = receivedFrom.lastIndexOf(':');
  const address = receivedFrom.slice(0, colon);
  const same = contact.kind === 'sip' && contact.host.replace(/^\[|\]$/g, '') === address;
  return `udp:${address}:${same ? (contact.port ?? 5060) : receivedFrom.slice(colon + 1)}`;
}

/** Most URIs do, so that few are parsed: that is asked for every request to the endpoint. */
function namesAddress(uri: string, receivedFrom: string): boolean {
  const at = uri.indexOf('@') + 1;
  const end = at + receivedFrom.length;
  return at > 0 && uri.startsWith(receivedFrom, at) && (uri.length === end || uri.charCodeAt(end) === 59);
}
