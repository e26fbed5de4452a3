import type { FrontEnd } from '../sip/context.ts';
import { formatRefreshToken, newSecret, parseRefreshToken, tokenHash } from '../token/refresh-token.ts';
import { Problem } from './problem.ts';
import { type SessionTokens, sessionTokens } from './session-tokens.ts';

/** POST /v1/sessions/refresh: the token is used, and another one takes its place. */
export async function refreshSession(frontEnd: FrontEnd, text: string): Promise<SessionTokens> {
  const token = parseRefreshToken(text);
  if (!token) throw refused();
  const { accountId, sessionId, family } = token;
  const secret = newSecret();
  const refreshed = await frontEnd.backEnd.refreshSession({
    ...{ accountId, sessionId },
    familyHash: tokenHash(family),
    secretHash: tokenHash(token.secret),
    newSecretHash: tokenHash(secret),
    lifetime: frontEnd.settings.sessionLifetime,
  });
  switch (refreshed.outcome) {
    case 'refreshed': {
      const { user, domain, role, credentialVersion } = refreshed;
      const holder = { accountId, sessionId, credentialVersion, user, domain, role };
      return sessionTokens(frontEnd, holder, formatRefreshToken({ accountId, sessionId, family, secret }));
    }
    case 'reused':
      frontEnd.log.warn({ accountId, sessionId }, 'a refresh token was used twice: its session is closed');
      throw refused();
    case 'session_unknown':
      throw refused();
  }
}

function refused(): Problem {
  return new Problem(401, 'refresh-token-invalid', {
    detail: 'Expired, used before, or its session is closed: sign in again',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}
