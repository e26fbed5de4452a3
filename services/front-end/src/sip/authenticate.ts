import type { DigestProof, Nonce, VerifiedCredentials } from '@rollcall/back-end';
import {
  type Attempt,
  type DigestCredentials,
  digestedPart,
  formatChallenges,
  makeAttempt,
  parseCredentials,
  type SipResponse,
} from '@rollcall/sip';
import { answer, unavailable } from './answer.ts';
import { bearerChallenge, bearerToken, checkBearer } from './bearer.ts';
import type { RequestContext } from './context.ts';
import { findRight, isRight } from './right-response.ts';

/** How many Authorization header fields of one request are looked at. */
const CREDENTIALS_LIMIT = 5;

/** RFC 3261 §22.1: who asks, and in which header fields. */
const ROLES = {
  registrar: { status: 401, challenge: 'WWW-Authenticate', credentials: 'Authorization' },
  proxy: { status: 407, challenge: 'Proxy-Authenticate', credentials: 'Proxy-Authorization' },
} as const;

export type Role = keyof typeof ROLES;

export interface Identified {
  verdict: 'identified';
  user: string;
  /** Verified, or a proof that the back end verifies in the call that the request makes anyway. */
  account: VerifiedCredentials | DigestProof;
  /** Of a proof: say what came of it with `settle`, in any case and once. */
  attempt?: Attempt;
  /** The nonce that was used and its count, for the back end to refuse a replay; absent on a trusted flow. */
  nonce?: Nonce;
  /** By an access token: it holds for this request, since the token expires. */
  byToken?: true;
}

export interface Refused {
  verdict: 'refused';
  response: SipResponse;
}

export type Authentication = Identified | Refused;

/**
 * Who sends this request in `domain`? `expectedUser` is the account that it should be, for flows already trusted. A
 * registrar may get a proof, for the call that verifies it; a proxy gets verified credentials.
 */
export async function authenticate(
  context: RequestContext,
  domain: string,
  expectedUser: string,
  role: Role,
): Promise<Authentication> {
  const { frontEnd, request, flow } = context;

  // A connection that has authenticated as this account is trusted for it.
  const trusted = frontEnd.associations.find(flow, `${expectedUser}@${domain}`);
  if (trusted) return { verdict: 'identified', user: expectedUser, account: trusted };

  // RFC 8898 §2.1: an access token, of ours or of the issuer that we trust.
  const token = bearerToken(request, ROLES[role].credentials);
  if (token !== undefined) {
    const checked = await checkBearer(context, domain, token);
    if (checked.verdict === 'undecided') return { verdict: 'refused', response: checked.response };
    if (checked.verdict === 'invalid') return challenge(context, domain, role, { tokenError: 'invalid_token' });
    const { user, accountId, credentialVersion } = checked;
    return { verdict: 'identified', user, account: { accountId, credentialVersion }, byToken: true };
  }

  // RFC 3261 §22.1: no credentials for our realm: the certificate of its connection says who it is, or it is asked.
  const credentials = findCredentials(context, domain, role);
  if (!credentials) return (await certified(context, domain, expectedUser)) ?? challenge(context, domain, role);
  const nonce = frontEnd.nonces.check(credentials.nonce);
  if (!nonce.ok) return challenge(context, domain, role, { stale: nonce.reason === 'expired' });

  // Who failed often has to wait, whether or not this try is right.
  const attempt = makeAttempt(flow.remote.address, `${credentials.username}@${domain}`);
  const wait = frontEnd.attempts.begin(attempt, Date.now());
  if (wait > 0) {
    frontEnd.metrics.authentication('slowed');
    return { verdict: 'refused', response: unavailable(request, wait, 'Too Many Failed Attempts') };
  }
  // A password that was right lately is known here; only the back end says that one is wrong.
  const used: Nonce = { id: nonce.id, count: credentials.nonceCount };
  const kept = frontEnd.credentials.get(attempt.account);
  if (kept && isRight(request, credentials, kept.algorithm === credentials.algorithm ? kept.ha1 : undefined)) {
    settle(context, { attempt }, 'succeeded');
    return { verdict: 'identified', user: credentials.username, account: kept, nonce: used };
  }
  const provable = role === 'registrar' && credentials.username === expectedUser;
  const proof = provable ? makeProof(context, credentials) : undefined;
  if (proof) return { verdict: 'identified', user: expectedUser, account: proof, nonce: used, attempt };

  let outcome: AttemptOutcome = 'undecided';
  try {
    const found = await frontEnd.backEnd.findCredentials({ user: credentials.username, domain });
    const ha1 = findRight(request, credentials, found);
    outcome = ha1 === undefined ? 'failed' : 'succeeded';
    if (!found || ha1 === undefined) return challenge(context, domain, role);
    const { accountId, credentialVersion } = found;
    const account = { accountId, credentialVersion };
    frontEnd.credentials.keep(attempt.account, { ...account, algorithm: credentials.algorithm, ha1 });
    return { verdict: 'identified', user: credentials.username, account, nonce: used };
  } finally {
    settle(context, { attempt }, outcome);
  }
}

/** RFC 5922 §7.1: the user whom the client's certificate names, where it is the one that is expected. */
async function certified(
  { frontEnd, flow }: RequestContext,
  domain: string,
  expectedUser: string,
): Promise<Identified | undefined> {
  const { addresses = [] } = flow.certificate ?? {};
  if (addresses.length === 0) return undefined;
  const address = { user: expectedUser, domain };
  const account = await frontEnd.backEnd.findCertifiedAccount({ address, certified: addresses });
  if (!account) return undefined;
  frontEnd.metrics.authentication('succeeded');
  const { user, accountId, credentialVersion } = account;
  return { verdict: 'identified', user, account: { accountId, credentialVersion } };
}

/** How looking at a password ended; `undecided` when the back end did not answer. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'undecided';

/** Says how an attempt ended, where there was one. */
export function settle(
  { frontEnd, request }: RequestContext,
  { attempt }: Pick<Identified, 'attempt'>,
  outcome: AttemptOutcome,
): void {
  if (!attempt) return;
  frontEnd.attempts.end(attempt, outcome, Date.now());
  frontEnd.metrics.authentication(outcome);
  const { source, account } = attempt;
  if (outcome === 'failed') frontEnd.log.warn({ source, account, method: request.method }, 'authentication failed');
}

/** RFC 3261 §22.2, §22.3: 401 or 407 with one challenge per algorithm, the strongest first (RFC 8760 §2.4). */
export function challenge(
  context: RequestContext,
  realm: string,
  role: Role,
  { stale = false, tokenError }: { stale?: boolean; tokenError?: 'invalid_token' } = {},
): Refused {
  const { frontEnd, request } = context;
  const challenges = formatChallenges({
    realm,
    nonce: frontEnd.nonces.issue(),
    algorithms: frontEnd.settings.digestAlgorithms,
    qop: frontEnd.settings.digestIntegrity ? ['auth', 'auth-int'] : ['auth'],
    stale,
  });
  // Softphones of today give up at a challenge that they do not know; who sends a token knows it.
  if (frontEnd.settings.bearer || tokenError) challenges.push(bearerChallenge(frontEnd, realm, tokenError));
  const { status, challenge: name } = ROLES[role];
  const headers = challenges.map((value) => [name, value] as const);
  return { verdict: 'refused', response: answer(request, status, headers) };
}

/** What the back end can verify by itself: PostgreSQL has no SHA-512/256, and in the `-sess` variants HA1 is another. */
function makeProof({ request }: RequestContext, credentials: DigestCredentials): DigestProof | undefined {
  const { username, realm, algorithm, session, response } = credentials;
  if (session || algorithm === 'SHA-512-256') return undefined;
  const digested = digestedPart(credentials, request.method, request.body);
  return { user: username, domain: realm, algorithm, digested, response };
}

function findCredentials(
  { frontEnd, request }: RequestContext,
  realm: string,
  role: Role,
): DigestCredentials | undefined {
  for (const value of request.headers.getAll(ROLES[role].credentials).slice(0, CREDENTIALS_LIMIT)) {
    const credentials = parseCredentials(value);
    if (credentials?.realm === realm && frontEnd.settings.digestAlgorithms.includes(credentials.algorithm)) {
      return credentials;
    }
  }
  return undefined;
}
