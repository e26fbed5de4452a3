import type { RoutedEndpoint, RouteOutcome, RouteRequest } from '@rollcall/back-end';
import {
  readTemporaryGruu,
  requestUri,
  type SipRequest,
  type SipResponse,
  type SipUri,
  unescapeUri,
} from '@rollcall/sip';
import type { Way } from '../outside.ts';
import { answer } from './answer.ts';
import type { FrontEnd } from './context.ts';
import type { Sender } from './sender.ts';

/** Where a request goes: to endpoints of an account, or to a next hop outside of the pool. */
export type Target = FoundTarget | Refused;

export type FoundTarget =
  | { kind: 'endpoints'; accountId: number; endpoints: RoutedEndpoint[] }
  | { kind: 'outside'; way: Way };

type Refused = { kind: 'refused'; response: SipResponse; outcome?: RouteOutcome['outcome'] };

/** RFC 3261 §16.5: determines the targets of a request. `reached`: the address that its client has connected to. */
export async function findTarget(
  frontEnd: FrontEnd,
  request: SipRequest,
  sender: Sender,
  reached?: string,
): Promise<Target> {
  // A Route that is left is somebody else's: it goes where it says.
  if (request.headers.has('Route')) return outside(frontEnd, request, sender);
  const uri = requestUri(request);
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
    default:
      return refuse(request, found.outcome);
  }
}

function refuse(request: SipRequest, outcome: Exclude<RouteOutcome['outcome'], 'routed'>): Refused {
  switch (outcome) {
    case 'unknown':
    case 'disabled':
      return refused(answer(request, 404));
    case 'denied':
      return refused(answer(request, 403, [], 'Not Wanted'));
    case 'not_own_address':
      return refused(answer(request, 403, [], 'From Is Not Your Own'));
    case 'credentials_changed':
      return { ...refused(answer(request, 403, [], 'Account Changed')), outcome };
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
  // RFC 3261 §26.2.3, §16.3: no relay for everybody.
  const way = frontEnd.outside.way(request);
  if (!way) return refused(answer(request, 403, [], 'Domain Not Served Here'));
  const wrong = await checkCaller(frontEnd, request, sender);
  return wrong ?? { kind: 'outside', way };
}

/** No target of the pool says so: whether the account may still send, and in this name. */
async function checkCaller(
  frontEnd: FrontEnd,
  request: SipRequest,
  { account, address, checkAddress }: Sender,
): Promise<Refused | undefined> {
  if (!account) return undefined;
  const at = address.lastIndexOf('@');
  const target = { user: address.slice(0, at), domain: address.slice(at + 1) };
  const found = await frontEnd.backEnd.route({ caller: account, from: address, checkFrom: checkAddress, target });
  // It may have no account of its own: a rule of somebody else's is not what was asked for.
  if (found.outcome === 'not_own_address' || found.outcome === 'credentials_changed')
    return refuse(request, found.outcome);
  return undefined;
}

function refused(response: SipResponse): Refused {
  return { kind: 'refused', response };
}
