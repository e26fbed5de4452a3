import { randomBytes } from 'node:crypto';
import type { RegisteredEndpoint } from '@rollcall/back-end';
import { formatUri, makeTemporaryGruu, Parameters, publicGruu, quote, type SipResponse, tokens } from '@rollcall/sip';
import { answer, sipDate } from './answer.ts';
import { SUPPORTED } from './capabilities.ts';
import type { FrontEnd, RequestContext } from './context.ts';

export interface Registered {
  accountId: number;
  user: string;
  domain: string;
  endpoints: RegisteredEndpoint[];
  outbound: boolean;
}

/** The 200 to a REGISTER, RFC 3261 §10.3 step 8: every binding of the account, with the time it has left. */
export function registered({ frontEnd, request, flow }: RequestContext, result: Registered): SipResponse {
  const supported = tokens(request, 'Supported').map((tag) => tag.toLowerCase());
  const gruu = supported.includes('gruu');
  const headers: [string, string][] = [];
  let longest = 0;
  for (const endpoint of result.endpoints) {
    longest = Math.max(longest, endpoint.expiresIn);
    headers.push(['Contact', contact(endpoint) + (gruu ? gruus(frontEnd, result, endpoint) : '')]);
  }
  headers.push(['Date', sipDate(Date.now())], ['Supported', SUPPORTED.join(', ')]);
  // pidgin-sipe takes the time from this header alone.
  if (longest > 0) headers.push(['Expires', String(longest)]);
  const serviceRoute = frontEnd.serviceRoute(flow);
  if (longest > 0 && serviceRoute) headers.push(['Service-Route', serviceRoute]);
  // RFC 3327 §5.3: what was stored is shown to those who understand it.
  if (supported.includes('path')) for (const path of request.headers.getAll('Path')) headers.push(['Path', path]);
  // RFC 5626 §6: tells the client that its flow is kept.
  if (result.outbound) headers.push(['Require', 'outbound']);
  return answer(request, 200, headers);
}

function contact(endpoint: RegisteredEndpoint): string {
  let text = `<${endpoint.uri}>${endpoint.parameters};expires=${endpoint.expiresIn}`;
  if (endpoint.q !== undefined) text += `;q=${endpoint.q / 1000}`;
  if (endpoint.instance !== undefined) text += `;+sip.instance=${quote(endpoint.instance)}`;
  if (endpoint.regId !== undefined) text += `;reg-id=${endpoint.regId}`;
  return text;
}

/** RFC 5627 §5.3: an instance gets a public and a temporary GRUU. */
function gruus(frontEnd: FrontEnd, { accountId, user, domain }: Registered, endpoint: RegisteredEndpoint): string {
  const key = frontEnd.keys.gruu[0];
  if (endpoint.instance === undefined || !key) return '';
  const target = { accountId, endpointId: endpoint.id, incarnation: endpoint.incarnation };
  const temporary = makeTemporaryGruu(target, key, randomBytes);
  const none = new Parameters();
  const account = formatUri({ kind: 'sip', scheme: 'sip', user, host: domain, parameters: none, headers: none });
  return `;pub-gruu="${publicGruu(account, endpoint.instance)}";temp-gruu="sip:${temporary}@${domain};gr"`;
}
