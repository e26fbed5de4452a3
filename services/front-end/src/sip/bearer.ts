import { quote, type SipRequest, type SipResponse } from '@rollcall/sip';
import { decodeJwt, errors } from 'jose';
import { readAddress } from '../http/address.ts';
import { ISSUER } from '../token/access-token.ts';
import { IssuerUnavailableError } from '../token/oidc-tokens.ts';
import { unavailable } from './answer.ts';
import type { FrontEnd, RequestContext } from './context.ts';

/** The account that a valid token names. */
export interface TokenAccount {
  user: string;
  accountId: number;
  credentialVersion: number;
}

export type BearerVerdict =
  | ({ verdict: 'valid' } & TokenAccount)
  | { verdict: 'invalid' }
  /** Its issuer cannot be reached. */
  | { verdict: 'undecided'; response: SipResponse };

/** RFC 6750 §2.1; no longer than what fits in a datagram. */
const BEARER = /^Bearer[ \t]+([\w.~+/-]{1,8192}=*)[ \t]*$/i;

/** The access token of a request (RFC 8898 §2.1.2), where it carries one in this header field. */
export function bearerToken(
  request: SipRequest,
  headerName: 'Authorization' | 'Proxy-Authorization',
): string | undefined {
  for (const value of request.headers.getAll(headerName)) {
    const token = BEARER.exec(value)?.[1];
    if (token !== undefined) return token;
  }
  return undefined;
}

/** Is this a token of ours, or of the configured issuer, for an account of `domain`? */
export async function checkBearer(context: RequestContext, domain: string, token: string): Promise<BearerVerdict> {
  const { frontEnd, request, flow } = context;
  let outcome: 'succeeded' | 'failed' | 'undecided' = 'undecided';
  try {
    const account = await findAccount(frontEnd, domain, token);
    outcome = account ? 'succeeded' : 'failed';
    if (account) return { verdict: 'valid', ...account };
  } catch (error) {
    if (!(error instanceof IssuerUnavailableError)) throw error;
    frontEnd.log.warn({ err: error }, 'the token issuer is away');
    return { verdict: 'undecided', response: unavailable(request, 5, 'Token Issuer Unavailable') };
  } finally {
    frontEnd.metrics.authentication(outcome);
  }
  frontEnd.log.warn({ source: flow.remote.address, method: request.method }, 'an access token was refused');
  return { verdict: 'invalid' };
}

/** RFC 8898 §4: where to get a token, and what was wrong with the one that came. */
export function bearerChallenge({ oidc }: FrontEnd, realm: string, error?: 'invalid_token'): string {
  const parts = [`realm=${quote(realm)}`, 'scope="sip"'];
  if (oidc) parts.push(`authz_server=${quote(oidc.issuer)}`);
  if (error) parts.push(`error="${error}"`);
  return `Bearer ${parts.join(', ')}`;
}

async function findAccount(frontEnd: FrontEnd, domain: string, token: string): Promise<TokenAccount | undefined> {
  switch (issuerOf(token)) {
    case ISSUER: {
      const holder = await frontEnd.tokens.verify(token);
      if (holder?.domain !== domain || !(await frontEnd.backEnd.sessionHolds(holder))) return undefined;
      const { user, accountId, credentialVersion } = holder;
      return { user, accountId, credentialVersion };
    }
    case frontEnd.oidc?.issuer: {
      const named = readAddress((await frontEnd.oidc?.verify(token)) ?? '');
      if (named?.domain !== domain) return undefined;
      const account = await frontEnd.backEnd.findCredentials(named);
      if (!account?.enabled) return undefined;
      return { user: named.user, accountId: account.accountId, credentialVersion: account.credentialVersion };
    }
    default:
      return undefined;
  }
}

/** Only to choose who is to check it. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss ?? '';
  } catch (error) {
    if (error instanceof errors.JOSEError) return '';
    throw error;
  }
}
