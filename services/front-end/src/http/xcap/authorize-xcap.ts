import type { Nonce, VerifiedCredentials } from '@rollcall/back-end';
import {
  type Attempt,
  type DigestCredentials,
  formatChallenges,
  makeAttempt,
  NO_BODY,
  parseCredentials,
} from '@rollcall/sip';
import type { FastifyRequest } from 'fastify';
import type { FrontEnd } from '../../sip/context.ts';
import { findRight, isRight } from '../../sip/right-response.ts';
import type { AccountAddress } from '../address.ts';
import { authorize, tokenInvalid } from '../authorize.ts';
import { Problem } from '../problem.ts';

/** Whose documents a request may read and write. */
export interface XcapUser extends VerifiedCredentials, AccountAddress {}

/**
 * RFC 4825 §8.1: XCAP clients come with a Digest (RFC 7616) of what they register with, and with an access token as everybody else.
 * The realm is the domain of the pool that the URL names.
 * @throws Problem 401, 429
 */
export async function authorizeXcap(frontEnd: FrontEnd, request: FastifyRequest, domain: string): Promise<XcapUser> {
  if (/^Bearer /i.test(request.headers.authorization ?? '')) return byToken(frontEnd, request);
  const credentials = parseCredentials(request.headers.authorization ?? '');
  if (credentials?.realm !== domain || !frontEnd.settings.digestAlgorithms.includes(credentials.algorithm)) {
    throw challenge(frontEnd, domain);
  }
  // The body is not read for whoever has not said who they are; so it is in no digest either.
  if (credentials.qop === 'auth-int') throw challenge(frontEnd, domain);
  // RFC 7616 §3.4.6: what they digest is what they ask for.
  if (!namesTarget(credentials.uri, request)) {
    throw new Problem(400, 'invalid-request', { detail: 'The digest is of another URI' });
  }
  const nonce = frontEnd.nonces.check(credentials.nonce);
  if (!nonce.ok) throw challenge(frontEnd, domain, nonce.reason === 'expired');
  const account = await verify(frontEnd, request, credentials, domain);
  if (!account) throw challenge(frontEnd, domain);
  return useNonce(
    frontEnd,
    { ...account, user: credentials.username, domain },
    { id: nonce.id, count: credentials.nonceCount },
  );
}

/** The account whose password the digest was made with; as SIP does it, with what it keeps. @throws Problem 429 */
async function verify(
  frontEnd: FrontEnd,
  { ip, method }: FastifyRequest,
  credentials: DigestCredentials,
  domain: string,
): Promise<VerifiedCredentials | undefined> {
  const { username: user, algorithm } = credentials;
  const attempt = makeAttempt(ip, `${user}@${domain}`);
  const wait = frontEnd.attempts.begin(attempt, Date.now());
  if (wait > 0) {
    frontEnd.metrics.authentication('slowed');
    throw new Problem(429, 'too-many-attempts', { headers: { 'Retry-After': String(wait) } });
  }
  let outcome: 'succeeded' | 'failed' | 'undecided' = 'undecided';
  try {
    const digested = { method, body: NO_BODY };
    const kept = frontEnd.credentials.get(attempt.account);
    if (kept?.algorithm === algorithm && isRight(digested, credentials, kept.ha1)) {
      outcome = 'succeeded';
      return kept;
    }
    const found = await frontEnd.backEnd.findCredentials({ user, domain });
    const ha1 = findRight(digested, credentials, found);
    outcome = ha1 === undefined ? 'failed' : 'succeeded';
    if (!found || ha1 === undefined) return undefined;
    const { accountId, credentialVersion } = found;
    frontEnd.credentials.keep(attempt.account, { accountId, credentialVersion, algorithm, ha1 });
    return { accountId, credentialVersion };
  } finally {
    settle(frontEnd, attempt, outcome);
  }
}

function settle(frontEnd: FrontEnd, attempt: Attempt, outcome: 'succeeded' | 'failed' | 'undecided'): void {
  frontEnd.attempts.end(attempt, outcome, Date.now());
  frontEnd.metrics.authentication(outcome);
  const { source, account } = attempt;
  if (outcome === 'failed') frontEnd.log.warn({ source, account, method: 'HTTP' }, 'authentication failed');
}

/** RFC 7616 §3.4: each nonce count is used once, at any front end. @throws Problem 401 */
async function useNonce(frontEnd: FrontEnd, user: XcapUser, nonce: Nonce): Promise<XcapUser> {
  const { accountId, credentialVersion } = user;
  const used = await frontEnd.backEnd.useNonce({ accountId, credentialVersion, nonce });
  if (used === 'accepted') return user;
  // Its password is another one, or it is disabled: what is kept is of no use.
  if (used !== 'nonce_replayed') frontEnd.credentials.forget(`${user.user}@${user.domain}`);
  throw challenge(frontEnd, user.domain, used === 'nonce_replayed');
}

async function byToken(frontEnd: FrontEnd, request: FastifyRequest): Promise<XcapUser> {
  const holder = await authorize(frontEnd, request);
  // What writes is refused at once after signing out.
  if (request.method !== 'GET' && !(await frontEnd.backEnd.sessionHolds(holder))) throw tokenInvalid();
  const { accountId, credentialVersion, user, domain } = holder;
  return { accountId, credentialVersion, user, domain };
}

/** RFC 7616 §3.3: one challenge an algorithm, the strongest first. */
function challenge(frontEnd: FrontEnd, realm: string, stale = false): Problem {
  const challenges = formatChallenges({
    ...{ realm, stale, nonce: frontEnd.nonces.issue(), qop: ['auth'] },
    algorithms: frontEnd.settings.digestAlgorithms,
  });
  return new Problem(401, 'credentials-wrong', { headers: { 'WWW-Authenticate': challenges } });
}

/** As the request line has it, or as an absolute URI. */
function namesTarget(uri: string, { raw }: FastifyRequest): boolean {
  return uri.replace(/^https?:\/\/[^/?]*/i, '') === raw.url?.replace(/^https?:\/\/[^/?]*/i, '');
}
