import { randomUUID } from 'node:crypto';
import type { VerifiedCredentials } from '@rollcall/back-end';
import type { FrontEnd } from '../sip/context.ts';
import { formatRefreshToken, newFamily, newSecret, tokenHash } from '../token/refresh-token.ts';
import { type AccountAddress, findAddress } from './address.ts';
import { checkPassword } from './check-password.ts';
import { Problem } from './problem.ts';
import { type SessionTokens, sessionTokens } from './session-tokens.ts';

/** Sessions of an account at one time; the one refreshed longest ago leaves for a new one. */
const MAXIMUM = 32;

/** POST /v1/sessions: unknown user, wrong password and disabled account look the same. */
export async function openSession(
  frontEnd: FrontEnd,
  { user, password }: { user: string; password: string },
  source: string,
): Promise<SessionTokens> {
  // What cannot be anybody's address is nobody's: it takes the same way.
  const address = (await findAddress(frontEnd, user)) ?? { user, domain: 'invalid' };
  const credentials = await checkPassword(frontEnd, address, password, source);
  // None as well when the account has changed in between.
  const tokens = credentials && (await open(frontEnd, address, credentials));
  if (tokens) return tokens;
  throw new Problem(401, 'credentials-wrong', { headers: { 'WWW-Authenticate': 'Bearer' } });
}

async function open(
  frontEnd: FrontEnd,
  address: AccountAddress,
  { accountId, credentialVersion }: VerifiedCredentials,
): Promise<SessionTokens | undefined> {
  const session = { accountId, credentialVersion, sessionId: randomUUID() };
  const [family, secret] = [newFamily(), newSecret()];
  const opened = await frontEnd.backEnd.openSession({
    ...session,
    familyHash: tokenHash(family),
    secretHash: tokenHash(secret),
    lifetime: frontEnd.settings.sessionLifetime,
    maximum: MAXIMUM,
  });
  if (opened.outcome !== 'opened') return undefined;
  const refreshToken = formatRefreshToken({ accountId, sessionId: session.sessionId, family, secret });
  return sessionTokens(frontEnd, { ...session, ...address, role: opened.role }, refreshToken);
}
