import type { RoutedEndpoint, RouteOutcome, RouteRequest } from '@rollcall/back-end';
import {
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
  if (request.headers.has('Route')) return outside(frontEnd, request, sender);
  const uri = parseUri(request.uri);
  if (uri.kind !== 'sip') return refused(answer(request, 416));
  const domain = frontEnd.domains.known(uri.host, reached) ?? (await frontEnd.domains.find(uri.host, reached));
  if (!domain) return outside(frontEnd, request, sender);
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
export function instanceOf({ parameters }: SipUri): string | undefined {
  const gr = parameters.get('gr');
  return typeof gr === 'string' ? `<${unescapeUri(gr)}>` : undefined;
}

async function outside(frontEnd: FrontEnd, request: SipRequest, sender: Sender): Promise<Target> {
  const next = nextHop(request);
  // RFC 3261 §26.2.3, §16.3: no relay for everybody.
  if (next.uri.kind !== 'sip' || !frontEnd.outside.serves(next.uri.host)) {
    return refused(answer(request, 403, [], 'Domain Not Served Here'));
  }
  if (!(await isOwnAddress(frontEnd, sender))) return refused(answer(request, 403, [], 'From Is Not Your Own'));
  return { kind: 'outside', uri: next.uri, request: next.request };
}

/** What a route inside the pool finds out by the way: whether another name than the one that authenticated is the sender's own. */
async function isOwnAddress({ backEnd }: FrontEnd, { account, address, checkAddress }: Sender): Promise<boolean> {
  if (!account || !checkAddress) return true;
  const at = address.lastIndexOf('@');
  const target = { user: address.slice(0, at), domain: address.slice(at + 1) };
  const found = await backEnd.route({ caller: account, from: address, checkFrom: true, target });
  return found.outcome === 'routed' && found.accountId === account.accountId;
}

function refused(response: SipResponse): Extract<Target, { kind: 'refused' }> {
  return { kind: 'refused', response };
}
