import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credentials, VerifiedCredentials } from '@rollcall/back-end';
import { type Attempt, DIGEST_ALGORITHMS, type DigestAlgorithm, ha1, makeAttempt } from '@rollcall/sip';
import type { FrontEnd } from '../sip/context.ts';
import type { AccountAddress } from './address.ts';
import { Problem, unavailable } from './problem.ts';

/**
 * The account, if the password is right: its own, or the directory's of one that follows it. Undefined as well for an account
 * that is unknown or disabled. An app password is no password for this.
 * @throws Problem 401, 429, 503
 */
export async function checkPassword(
  frontEnd: FrontEnd,
  address: AccountAddress,
  password: string,
  source: string,
): Promise<VerifiedCredentials | undefined> {
  // Who failed often has to wait, whether or not this try is right; tries over SIP count as well.
  const attempt = makeAttempt(source, `${address.user}@${address.domain}`);
  const wait = frontEnd.attempts.begin(attempt, Date.now());
  if (wait > 0) throw slowed(frontEnd, wait);
  let outcome: 'succeeded' | 'failed' | 'undecided' = 'undecided';
  try {
    const found =
      (await checkOwn(frontEnd, address, password)) ?? (await checkDirectory(frontEnd, attempt, address, password));
    outcome = found ? 'succeeded' : 'failed';
    if (!found) frontEnd.log.warn({ source, account: attempt.account, method: 'HTTP' }, 'authentication failed');
    return found;
  } finally {
    frontEnd.attempts.end(attempt, outcome, Date.now());
    frontEnd.metrics.authentication(outcome);
  }
}

async function checkOwn(
  { backEnd }: FrontEnd,
  { user, domain }: AccountAddress,
  password: string,
): Promise<VerifiedCredentials | undefined> {
  // Worked out once and for every algorithm, so that the time tells nothing of the account.
  const given = Object.fromEntries(
    DIGEST_ALGORITHMS.map((algorithm) => [algorithm, ha1(algorithm, user, domain, password)]),
  ) as Record<DigestAlgorithm, string>;
  const found = await backEnd.findCredentials({ user, domain });
  return isRight(given, found) ? found : undefined;
}

async function checkDirectory(
  frontEnd: FrontEnd,
  { source }: Attempt,
  address: AccountAddress,
  password: string,
): Promise<VerifiedCredentials | undefined> {
  const checked = await frontEnd.directoryPasswords?.check(address, password, source);
  switch (checked?.verdict) {
    case 'right':
      return checked.account;
    case 'expired':
      throw new Problem(401, 'password-expired', {
        detail: 'The password is right, but the directory wants another one: change it there',
        headers: { 'WWW-Authenticate': 'Bearer' },
      });
    case 'slowed':
      throw slowed(frontEnd, checked.seconds);
    case 'unavailable':
      throw unavailable(5, 'The directory cannot be asked');
    case 'wrong':
    case undefined:
      return undefined;
  }
}

function slowed({ metrics }: FrontEnd, seconds: number): Problem {
  metrics.authentication('slowed');
  return new Problem(429, 'too-many-attempts', { headers: { 'Retry-After': String(seconds) } });
}

function isRight(given: Readonly<Record<DigestAlgorithm, string>>, account: Credentials | undefined): boolean {
  const known = (account?.enabled && account.ha1) || {};
  const algorithm = DIGEST_ALGORITHMS.find((one) => known[one] !== undefined) ?? 'SHA-256';
  const expected = known[algorithm];
  const right = Buffer.from(given[algorithm], 'hex');
  const equal = timingSafeEqual(right, expected ? Buffer.from(expected, 'hex') : randomBytes(right.length));
  return equal && expected !== undefined;
}
