import { isIPv6 } from 'node:net';
import type { VerifiedCredentials } from '@rollcall/back-end';
import {
  type Flow,
  from,
  parseUri,
  preferredIdentities,
  type SipRequest,
  type SipResponse,
  type SipUri,
} from '@rollcall/sip';
import { answer } from './answer.ts';
import { authenticate, challenge } from './authenticate.ts';
import type { FrontEnd, RequestContext } from './context.ts';

/** Whose request it is. */
export interface Sender {
  /** Absent: it comes from a network that is trusted. */
  readonly account?: VerifiedCredentials;
  /** `user@domain` that the request says it is from; for rules, identity and log. */
  readonly address: string;
  /** It is another one than authenticated: an alias of the account, or not its own. The back end says which. */
  readonly checkAddress: boolean;
}

/**
 * RFC 3261 §16.3 step 6: only who has proven an address of the pool, or comes from a trusted network, sends through it. For
 * one that `heldSender` does not know: the sender, or the challenge or refusal that it gets.
 */
export async function identifySender(context: RequestContext): Promise<Sender | SipResponse> {
  const { frontEnd, request, flow } = context;
  const uri = claimedIdentity(request);
  const domain = uri && (await frontEnd.domains.find(uri.host, flow.local.address));
  if (!uri?.user || !domain) return answer(request, 403, [], 'From Is Not Of This Pool');

  const sender = await authenticate(context, domain, uri.user, 'proxy');
  if (sender.verdict === 'refused') return sender.response;
  const account = sender.account;
  if ('response' in account) throw new Error('a proxy has no call that would verify a proof');
  if (sender.nonce) {
    const used = await frontEnd.backEnd.useNonce({ ...account, nonce: sender.nonce });
    if (used !== 'accepted') {
      if (used !== 'nonce_replayed') frontEnd.credentials.forget(`${sender.user}@${domain}`);
      return challenge(context, domain, 'proxy', { stale: used === 'nonce_replayed' }).response;
    }
  }
  const [address, name] = [`${uri.user}@${domain}`, `${sender.user}@${domain}`];
  if (!sender.byToken) {
    frontEnd.associations.add(flow, name, account);
    if (address !== name) frontEnd.associations.addAddress(flow, address, name);
  }
  return { account, address, checkAddress: address !== name };
}

/** Who sends it, where that needs no challenge: the flow has authenticated as its sender, or its network is trusted. */
export function heldSender(frontEnd: FrontEnd, request: SipRequest, flow: Flow): Sender | undefined {
  const uri = claimedIdentity(request);
  const domain = uri && frontEnd.domains.known(uri.host, flow.local.address);
  const address = `${uri?.user ?? ''}@${domain ?? uri?.host ?? ''}`;
  const account = domain === undefined ? undefined : frontEnd.associations.find(flow, address);
  if (account) return { account, address, checkAddress: false };
  const other = domain === undefined ? undefined : frontEnd.associations.findByAddress(flow, address);
  if (other) return { account: other, address, checkAddress: true };
  return isTrusted(frontEnd, flow.remote.address) ? { address, checkAddress: false } : undefined;
}

/**
 * RFC 3325 §9.1: with a From of its own, a client may name another of its addresses as the one to be known by. Whether it is
 * one, the back end says.
 */
export function asPreferred({ domains }: FrontEnd, request: SipRequest, flow: Flow, sender: Sender): Sender {
  const { account, address, checkAddress } = sender;
  if (!account || checkAddress || !request.headers.has('P-Preferred-Identity')) return sender;
  const uri = preferredUri(request);
  const domain = uri?.user && domains.known(uri.host, flow.local.address);
  if (!domain || `${uri.user}@${domain}` === address) return sender;
  return { account, address: `${uri.user}@${domain}`, checkAddress: true };
}

export function isTrusted({ settings }: Pick<FrontEnd, 'settings'>, address: string): boolean {
  return settings.trustedNetworks?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') ?? false;
}

/**
 * RFC 3325 §9.1: which of its addresses a client means that keeps its From anonymous. A From that names somebody is what is
 * shown, and is to be the client's own by itself.
 */
function claimedIdentity(request: SipRequest): SipUri | undefined {
  const own = sipUri(from(request).uri);
  if (!request.headers.has('P-Preferred-Identity') || !own || !isAnonymous(own)) return own;
  return preferredUri(request) ?? own;
}

function preferredUri(request: SipRequest): SipUri | undefined {
  for (const { uri } of preferredIdentities(request)) {
    const preferred = sipUri(uri);
    if (preferred) return preferred;
  }
  return undefined;
}

function sipUri(text: string): SipUri | undefined {
  const uri = parseUri(text);
  return uri.kind === 'sip' ? uri : undefined;
}

/** RFC 3323 §4.1.1.3; RFC 3325 §9.1 has `anonymous@` at the domain of its own. */
function isAnonymous({ user, host }: SipUri): boolean {
  return user?.toLowerCase() === 'anonymous' || host === 'anonymous.invalid';
}
