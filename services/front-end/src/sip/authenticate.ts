import { randomBytes } from 'node:crypto';
import type { Credentials } from '@rollcall/back-end';
import {
  type DigestAlgorithm,
  type DigestCredentials,
  formatChallenges,
  makeAttempt,
  parseCredentials,
  type SipResponse,
  verifyResponse,
} from '@rollcall/sip';
import { answer, unavailable } from './answer.ts';
import { bearerChallenge, bearerToken, checkBearer } from './bearer.ts';
import type { RequestContext } from './context.ts';

/** How many Authorization header fields of one request are looked at. */
const CREDENTIALS_LIMIT = 5;

/** What nobody's password leads to. */
const DECOYS: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: randomBytes(16).toString('hex'),
  'SHA-256': randomBytes(32).toString('hex'),
  'SHA-512-256': randomBytes(32).toString('hex'),
};

export interface Authenticated {
  verdict: 'authenticated';
  user: string;
  accountId: number;
  credentialVersion: number;
  /** The nonce that was used and its count, for the back end to refuse a replay; absent on a trusted flow. */
  nonce?: { id: bigint; count: number };
  /** By an access token: it holds for this request, since the token expires. */
  byToken?: true;
}

export interface Refused {
  verdict: 'refused';
  response: SipResponse;
}

export type Authentication = Authenticated | Refused;

/** Who sends this request in `domain`? `expectedUser` is the account that it should be, for flows already trusted. */
export async function authenticate(
  context: RequestContext,
  domain: string,
  expectedUser: string,
): Promise<Authentication> {
  const { frontEnd, request, flow } = context;

  // A connection that has authenticated as this account is trusted for it.
  const trusted = frontEnd.associations.find(flow, `${expectedUser}@${domain}`);
  if (trusted) return { verdict: 'authenticated', user: expectedUser, ...trusted };

  // RFC 8898 §2.1: an access token, of ours or of the issuer that we trust.
  const token = bearerToken(request);
  if (token !== undefined) {
    const checked = await checkBearer(context, domain, token);
    if (checked.verdict === 'undecided') return { verdict: 'refused', response: checked.response };
    if (checked.verdict === 'invalid') return challenge(context, domain, false, 'invalid_token');
    return { ...checked, verdict: 'authenticated', byToken: true };
  }

  // RFC 3261 §22.1: no credentials for our realm, so ask for them.
  const credentials = findCredentials(context, domain);
  if (!credentials) return challenge(context, domain);
  const nonce = frontEnd.nonces.check(credentials.nonce);
  if (!nonce.ok) return challenge(context, domain, nonce.reason === 'expired');

  // Who failed often has to wait, whether or not this try is right.
  const attempt = makeAttempt(flow.remote.address, `${credentials.username}@${domain}`);
  const wait = frontEnd.attempts.begin(attempt, Date.now());
  if (wait > 0) {
    frontEnd.metrics.authentication('slowed');
    return { verdict: 'refused', response: unavailable(request, wait, 'Too Many Failed Attempts') };
  }
  let outcome: 'succeeded' | 'failed' | 'undecided' = 'undecided';
  try {
    const account = await frontEnd.credentials.verify(
      attempt.account,
      { user: credentials.username, domain },
      (found) => isRight(context, credentials, found),
    );
    outcome = account ? 'succeeded' : 'failed';
    if (account) {
      return {
        verdict: 'authenticated',
        user: credentials.username,
        accountId: account.accountId,
        credentialVersion: account.credentialVersion,
        nonce: { id: nonce.id, count: credentials.nonceCount },
      };
    }
  } finally {
    frontEnd.attempts.end(attempt, outcome, Date.now());
    frontEnd.metrics.authentication(outcome);
  }
  const { source, account } = attempt;
  frontEnd.log.warn({ source, account, method: request.method }, 'authentication failed');
  return challenge(context, domain);
}

/** RFC 3261 §22.2: 401 with one challenge per algorithm, the strongest first (RFC 8760 §2.4). */
export function challenge(
  context: RequestContext,
  realm: string,
  stale = false,
  tokenError?: 'invalid_token',
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
  const headers = challenges.map((value) => ['WWW-Authenticate', value] as const);
  return { verdict: 'refused', response: answer(request, 401, headers) };
}

function findCredentials({ frontEnd, request }: RequestContext, realm: string): DigestCredentials | undefined {
  for (const value of request.headers.getAll('Authorization').slice(0, CREDENTIALS_LIMIT)) {
    const credentials = parseCredentials(value);
    if (credentials?.realm === realm && frontEnd.settings.digestAlgorithms.includes(credentials.algorithm)) {
      return credentials;
    }
  }
  return undefined;
}

/** An unknown user costs the same work as a wrong password, so that neither answer nor time tells them apart. */
function isRight(context: RequestContext, credentials: DigestCredentials, account: Credentials | undefined): boolean {
  const { request } = context;
  const known = account?.enabled ? account.ha1[credentials.algorithm] : undefined;
  const ha1 = known ?? DECOYS[credentials.algorithm];
  const right = verifyResponse(credentials, { method: request.method, ha1, body: request.body });
  return right && known !== undefined;
}
