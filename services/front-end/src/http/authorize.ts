import type { FastifyRequest } from 'fastify';
import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { Problem } from './problem.ts';

/** RFC 6750 §2.1. */
const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i;

/** Whose access token this request carries. @throws Problem 401 */
export async function authorize(frontEnd: FrontEnd, request: FastifyRequest): Promise<TokenHolder> {
  const { authorization } = request.headers;
  if (authorization === undefined) throw refused('No access token', 'Bearer');
  const token = BEARER.exec(authorization)?.[1];
  const holder = token === undefined ? undefined : await frontEnd.tokens.verify(token);
  if (!holder) {
    frontEnd.metrics.authentication('failed');
    throw tokenInvalid();
  }
  return holder;
}

/** For an administrator; what writes asks the back end as well. @throws Problem 401, 403 */
export async function authorizeAdmin(frontEnd: FrontEnd, request: FastifyRequest): Promise<TokenHolder> {
  const holder = await authorize(frontEnd, request);
  if (holder.role !== 'admin') throw notPermitted();
  return holder;
}

/** Forged, expired, or its session or account is not what it was. */
export function tokenInvalid(): Problem {
  return refused('The access token is not valid, or not any more', 'Bearer error="invalid_token"');
}

export function notPermitted(): Problem {
  return new Problem(403, 'not-permitted', { detail: 'Only administrators may do this' });
}

function refused(detail: string, challenge: string): Problem {
  return new Problem(401, 'token-invalid', { detail, headers: { 'WWW-Authenticate': challenge } });
}
