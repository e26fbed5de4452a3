import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credentials } from '@rollcall/back-end';
import { DIGEST_ALGORITHMS, type DigestAlgorithm, ha1, makeAttempt } from '@rollcall/sip';
import type { FrontEnd } from '../sip/context.ts';
import type { AccountAddress } from './address.ts';
import { Problem } from './problem.ts';

/** The account's credentials, if the password is right; undefined as well for an account that is unknown or disabled. */
export async function checkPassword(
  frontEnd: FrontEnd,
  { user, domain }: AccountAddress,
  password: string,
  source: string,
): Promise<Credentials | undefined> {
  // Who failed often has to wait, whether or not this try is right; tries over SIP count as well.
  const account = `${user}@${domain}`;
  const attempt = makeAttempt(source, account);
  const wait = frontEnd.attempts.begin(attempt, Date.now());
  if (wait > 0) {
    frontEnd.metrics.authentication('slowed');
    throw new Problem(429, 'too-many-attempts', { headers: { 'Retry-After': String(wait) } });
  }
  let outcome: 'succeeded' | 'failed' | 'undecided' = 'undecided';
  try {
    // Worked out once and for every algorithm, so that the time tells nothing of the account.
    const given = Object.fromEntries(
      DIGEST_ALGORITHMS.map((algorithm) => [algorithm, ha1(algorithm, user, domain, password)]),
    ) as Record<DigestAlgorithm, string>;
    const found = await frontEnd.backEnd.findCredentials({ user, domain });
    outcome = isRight(given, found) ? 'succeeded' : 'failed';
    if (outcome === 'succeeded') return found;
    frontEnd.log.warn({ source, account, method: 'HTTP' }, 'authentication failed');
    return undefined;
  } finally {
    frontEnd.attempts.end(attempt, outcome, Date.now());
    frontEnd.metrics.authentication(outcome);
  }
}

function isRight(given: Readonly<Record<DigestAlgorithm, string>>, account: Credentials | undefined): boolean {
  const known = (account?.enabled && account.ha1) || {};
  const algorithm = DIGEST_ALGORITHMS.find((one) => known[one] !== undefined) ?? 'SHA-256';
  const expected = known[algorithm];
  const right = Buffer.from(given[algorithm], 'hex');
  const equal = timingSafeEqual(right, expected ? Buffer.from(expected, 'hex') : randomBytes(right.length));
  return equal && expected !== undefined;
}
