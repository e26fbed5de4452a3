import { z } from '@rollcall/process';
import { parseUri, type SipUri } from '@rollcall/sip';

/** Next hops by the domain of the Request-URI, lower case; `*` is any other domain. */
export type StaticRoutes = ReadonlyMap<string, SipUri>;

const DOMAIN = /^(\*|[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/;

/** A comma list like `example.net=sip:10.0.0.9:5060;transport=tcp,*=sip:192.0.2.7`. */
export function staticRoutes() {
  const error = 'must be routes like example.net=sip:10.0.0.9:5060;transport=tcp, with commas between';
  return z
    .union([z.instanceof(Map), z.string().transform(readRoutes)])
    .refine((routes) => routes !== undefined, { error })
    .transform((routes) => routes as StaticRoutes);
}

/** The next hop for a domain, as SipUri has its host; undefined where there is none. */
export function staticRoute(routes: StaticRoutes | undefined, domain: string): SipUri | undefined {
  return routes?.get(domain) ?? routes?.get('*');
}

function readRoutes(text: string): StaticRoutes | undefined {
  const routes = new Map<string, SipUri>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const domain = part.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    const uri = readUri(part.slice(equals + 1).trim());
    if (!DOMAIN.test(domain) || !uri || routes.has(domain)) return undefined;
    routes.set(domain, uri);
  }
  return routes;
}

function readUri(text: string): SipUri | undefined {
  try {
    const uri = parseUri(text);
    return uri.kind === 'sip' ? uri : undefined;
  } catch {
    return undefined;
  }
}
