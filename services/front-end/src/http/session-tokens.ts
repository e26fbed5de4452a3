import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { showAddress } from './address.ts';

export interface SessionTokens {
  accessToken: string;
  tokenType: 'Bearer';
  /** Seconds. */
  expiresIn: number;
  refreshToken: string;
  refreshExpiresIn: number;
  /** `alice@example.org` */
  user: string;
  role: TokenHolder['role'];
}

/** What a client gets when it signs in or refreshes. */
export async function sessionTokens(
  frontEnd: FrontEnd,
  holder: TokenHolder,
  refreshToken: string,
): Promise<SessionTokens> {
  return {
    accessToken: await frontEnd.tokens.issue(holder),
    tokenType: 'Bearer',
    expiresIn: frontEnd.tokens.lifetimeSeconds,
    refreshToken,
    refreshExpiresIn: frontEnd.settings.sessionLifetime,
    user: showAddress(holder),
    role: holder.role,
  };
}
