import {
  endpointRemoval,
  instanceHash,
  type ProvenCredentials,
  type RegisteredEndpoint,
  type RegisterOutcome,
  type RemovedEndpoint,
  type VerifiedCredentials,
} from '@rollcall/back-end';
import { callId, cseq, parseUri, requestUri, type SipResponse, to, tokens } from '@rollcall/sip';
import { answer, badExtension, unavailable } from './answer.ts';
import { type AttemptOutcome, authenticate, challenge, type Identified, settle } from './authenticate.ts';
import { type RequestedBindings, requestedBindings } from './bindings.ts';
import type { FrontEnd, RequestContext } from './context.ts';
import { deliverWaiting } from './deliver-waiting.ts';
import { isGone } from './gone.ts';
import { registered } from './registered.ts';

/** REGISTER, RFC 3261 §10.3: the answer leaves after the back end has committed it. */
export async function register(context: RequestContext): Promise<SipResponse> {
  const { frontEnd, request, flow } = context;
  const { domains } = frontEnd;
  const reached = flow.local.address;

  // 1. Is the Request-URI a domain of this pool?
  const target = requestUri(request);
  if (target.kind !== 'sip') return answer(request, 416);
  if (!(domains.known(target.host, reached) ?? (await domains.find(target.host, reached)))) {
    return answer(request, 404, [], 'Domain Not Served Here');
  }

  // 2. Extensions that we are required to understand.
  const unsupported = badExtension(request, tokens(request, 'Require'));
  if (unsupported) return unsupported;

  // 5. The address of record is the To header's, without parameters; read before step 3, whose realm it names.
  const addressOfRecord = parseUri(to(request).uri);
  if (addressOfRecord.kind !== 'sip' || !addressOfRecord.user) return answer(request, 404);
  const { user, host } = addressOfRecord;
  const domain = domains.known(host, reached) ?? (await domains.find(host, reached));
  if (!domain) return answer(request, 404);
  const account = `${user}@${domain}`;

  // 3. Authenticate; a password is verified by the call of step 7. 4. Only the account itself may change its bindings.
  const requested = requestedBindings(request, frontEnd.settings, flow.transport);
  const sender = await authenticate(context, domain, user, 'registrar');
  if (sender.verdict === 'refused') return sender.response;
  if (sender.user !== user) return answer(request, 403);

  // 6. What is asked for has been read. 7. Let the back end do all of it, or nothing.
  if (requested.kind === 'refused') {
    settle(context, sender, 'undecided');
    return requested.response;
  }
  // It may have registered elsewhere by now, and is to be found there.
  if (isGone(flow) && requested.changes.some(({ expires }) => expires > 0)) {
    settle(context, sender, 'undecided');
    return unavailable(request, 1, 'Connection Is Gone');
  }
  const outcome = await change(context, account, sender, requested);

  switch (outcome.outcome) {
    case 'registered': {
      const { accountId, credentialVersion } = verifiedAs(frontEnd, account, sender, outcome);
      // A connection that proved who it is need not do so again, but for a token, which expires.
      if (!sender.byToken) frontEnd.associations.add(flow, account, { accountId, credentialVersion });
      announceRemovals(context, account, accountId, outcome.removed);
      if (outcome.notificationsDue) frontEnd.notifier.changed([accountId]);
      const endpoint = registeredBy(requested, outcome.endpoints);
      if (endpoint) noteRegistered(context, account, accountId, endpoint, outcome.messagesWaiting);
      return registered(context, {
        accountId,
        user,
        domain,
        endpoints: outcome.endpoints,
        outbound: requested.outbound,
      });
    }
    case 'wrong_credentials':
      return challenge(context, domain, 'registrar').response;
    case 'nonce_replayed':
      return challenge(context, domain, 'registrar', { stale: true }).response;
    case 'credentials_changed':
    case 'account_disabled':
      frontEnd.associations.distrust(flow, account);
      frontEnd.credentials.forget(account);
      return challenge(context, domain, 'registrar').response;
    case 'out_of_order':
      // RFC 3261 §10.3 step 7: the update fails as a whole.
      return answer(request, 500, [], 'CSeq Out Of Order');
    case 'too_many_contacts':
      return answer(request, 403, [], `At Most ${frontEnd.settings.maxEndpoints} Endpoints`);
  }
}

/** One call: a password is verified, its nonce used, and the bindings changed, or nothing at all. */
async function change(
  context: RequestContext,
  addressOfRecord: string,
  sender: Identified,
  { removeAll, changes }: Extract<RequestedBindings, { kind: 'bindings' }>,
): Promise<RegisterOutcome> {
  const { frontEnd, request, flow, started } = context;
  const userAgent = request.headers.get('User-Agent');
  let verified: AttemptOutcome = 'undecided';
  try {
    const outcome = await frontEnd.backEnd.register({
      account: sender.account,
      addressOfRecord,
      ...(sender.nonce && { nonce: sender.nonce }),
      callId: callId(request),
      cseq: cseq(request).sequence,
      removeAll,
      changes,
      maximumEndpoints: frontEnd.settings.maxEndpoints,
      frontEndId: frontEnd.lease.id,
      ...(!isGone(flow) && { flow: flow.id }),
      receivedFrom: `${flow.remote.address}:${flow.remote.port}`,
      receivedAt: started,
      ...(userAgent !== undefined && { userAgent: userAgent.slice(0, 200).toWellFormed() }),
    });
    verified = outcome.outcome === 'wrong_credentials' ? 'failed' : 'succeeded';
    return outcome;
  } finally {
    settle(context, sender, verified);
  }
}

/** Whose request it was. What a password was proven with is kept: the next time nobody need be asked. */
function verifiedAs(
  { credentials }: FrontEnd,
  address: string,
  { account }: Identified,
  { proven }: { proven?: ProvenCredentials },
): VerifiedCredentials {
  if (!('response' in account)) return account;
  if (!proven) throw new Error('the back end does not say whose proof it has verified');
  const { accountId, credentialVersion, ha1 } = proven;
  credentials.keep(address, { accountId, credentialVersion, algorithm: account.algorithm, ha1 });
  return proven;
}

/** The endpoint that a request has registered or refreshed; the first, when there are several. */
function registeredBy(
  { changes }: Extract<RequestedBindings, { kind: 'bindings' }>,
  endpoints: readonly RegisteredEndpoint[],
): RegisteredEndpoint | undefined {
  const change = changes.find(({ expires }) => expires > 0);
  return change && endpoints.find(({ uri }) => uri === change.uri);
}

/** Its calls are known to come from it; and what waits for the account goes to it, behind the answer to its REGISTER. */
function noteRegistered(
  { frontEnd, flow }: RequestContext,
  account: string,
  accountId: number,
  { id, uri, instance }: RegisteredEndpoint,
  messagesWaiting: boolean,
): void {
  if (flow.reliable) {
    const hash = instance === undefined ? '' : instanceHash(instance);
    frontEnd.associations.registered(flow, account, { uri, id, instanceHash: hash });
  }
  if (messagesWaiting) void deliverWaiting(frontEnd, accountId, { id, frontEndId: frontEnd.lease.id, flow: flow.id });
}

/** Tells those that left; who asked on its own flow to leave knows. */
function announceRemovals(
  { frontEnd, flow }: RequestContext,
  account: string,
  accountId: number,
  removed: readonly RemovedEndpoint[],
): void {
  const others = removed.filter(
    (left) => left.reason !== 'deleted' || left.frontEndId !== frontEnd.lease.id || left.flow !== flow.id,
  );
  frontEnd.registrationEvents.removed(others.map((left) => endpointRemoval(accountId, left, left.reason)));
  for (const { id, reason } of others) frontEnd.log.info({ account, endpoint: id }, `endpoint left: ${reason}`);
}
