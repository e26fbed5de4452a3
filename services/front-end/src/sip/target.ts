import { hash } from 'node:crypto';
import type { RoutedEndpoint, RouteOutcome, RouteRequest } from '@rollcall/back-end';
import {
  contacts,
  nextHop,
  parseUri,
  readTemporaryGruu,
  type SipRequest,
  type SipResponse,
  type SipUri,
  unescapeUri,
} from '@rollcall/sip';
import { answer } from './answer.ts';
import type { FrontEnd } from './context.ts';
import type { EndpointName } from './forwarding.ts';
import type { Sender } from './sender.ts';

/** Where a request goes: to endpoints of an account, or to a next hop outside of the pool. */
export type Target =
  | { kind: 'endpoints'; accountId: number; endpoints: RoutedEndpoint[] }
  | { kind: 'outside'; uri: SipUri; request: SipRequest }
  | { kind: 'refused'; response: SipResponse; outcome?: RouteOutcome['outcome'] };

/** RFC 3261 §16.5: determines the targets of a request. `reached`: the address that its client has connected to. */
export async function findTarget(
  frontEnd: FrontEnd,
  request: SipRequest,
  sender: Sender,
  reached?: string,
): Promise<Target> {
  // A Route that is left is somebody else's: it goes where it says.
  if (request.headers.has('Route')) return outside(frontEnd, request);
  const uri = parseUri(request.uri);
  if (uri.kind !== 'sip') return refused(answer(request, 416));
  const domain = frontEnd.domains.known(uri.host, reached) ?? (await frontEnd.domains.find(uri.host, reached));
  if (!domain) return outside(frontEnd, request);
  const target = readTarget(frontEnd, uri, domain);
  if (!target) return refused(answer(request, 404));

  const { account: caller, address: from, checkAddress: checkFrom } = sender;
  const found = await frontEnd.backEnd.route({ ...(caller && { caller }), from, checkFrom, target });
  switch (found.outcome) {
    case 'routed':
      return { kind: 'endpoints', accountId: found.accountId, endpoints: found.endpoints };
    case 'unknown':
    case 'disabled':
      return refused(answer(request, 404));
    case 'denied':
      return refused(answer(request, 403, [], 'Not Wanted'));
    case 'not_own_address':
      return refused(answer(request, 403, [], 'From Is Not Your Own'));
    case 'credentials_changed':
      return { ...refused(answer(request, 403, [], 'Account Changed')), outcome: found.outcome };
  }
}

function readTarget({ keys }: FrontEnd, uri: SipUri, domain: string): RouteRequest['target'] | undefined {
  const { user, parameters } = uri;
  if (user === undefined) return undefined;
  if (!parameters.has('gr')) return { user, domain };
  // RFC 5627 §3.1: with a value it is the instance; §3.2: without one, the user part is the secret.
  const instance = instanceOf(uri);
  return instance === undefined ? readTemporaryGruu(user, keys.gruu) : { user, domain, instance };
}

/** The instance that a public GRUU names, as a Contact header field has it. */
function instanceOf({ parameters }: SipUri): string | undefined {
  const gr = parameters.get('gr');
  return typeof gr === 'string' ? `<${unescapeUri(gr)}>` : undefined;
}

function outside(frontEnd: FrontEnd, request: SipRequest): Target {
  const next = nextHop(request);
  // RFC 3261 §26.2.3, §16.3: no relay for everybody.
  if (next.uri.kind !== 'sip' || !frontEnd.outside.serves(next.uri.host)) {
    return refused(answer(request, 403, [], 'Domain Not Served Here'));
  }
  return { kind: 'outside', uri: next.uri, request: next.request };
}

function refused(response: SipResponse): Extract<Target, { kind: 'refused' }> {
  return { kind: 'refused', response };
}

/**
 * What the pool will know the endpoint of a sender by, when the other side of its dialog answers it: by its instance where
 * its Contact tells it, else by the Contact itself, which comes back as the Request-URI.
 */
export function senderName(request: SipRequest, sender: Sender): EndpointName {
  const name = { accountId: sender.account?.accountId ?? 0, endpointId: 0, instanceHash: '' };
  const list = contacts(request);
  const contact = list === '*' ? undefined : list[0];
  if (!contact) return name;
  const uri = parseUri(contact.uri);
  const parameter = contact.parameters.get('+sip.instance');
  const instance = typeof parameter === 'string' ? parameter : uri.kind === 'sip' ? instanceOf(uri) : undefined;
  return instance === undefined ? name : { ...name, instanceHash: hash('sha256', instance).slice(0, 16) };
}
