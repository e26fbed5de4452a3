import { timingSafeEqual } from 'node:crypto';
import { type DigestAlgorithm, digestHash } from './algorithm.ts';
import type { DigestCredentials } from './credentials.ts';

/** What is stored instead of a password: H(username:realm:password), in lower-case hexadecimal digits. */
export function ha1(algorithm: DigestAlgorithm, username: string, realm: string, password: string): string {
  return digestHash(algorithm, `${username}:${realm}:${password}`);
}

/** What an answer to a challenge was made from, besides the credentials themselves. */
export interface DigestedRequest {
  method: string;
  /** From `ha1`, for the algorithm of the credentials. */
  ha1: string;
  /** For qop `auth-int`. */
  body: Buffer;
}

/** The fields of credentials that a response is made from. */
export type DigestFields = Pick<DigestCredentials, 'algorithm' | 'session' | 'nonce' | 'uri' | 'qop' | 'nc' | 'cnonce'>;

/** The response to a challenge (RFC 7616 §3.4.1, without qop RFC 2069 §2.1.2), in lower-case hexadecimal digits. */
export function computeResponse(fields: DigestFields, { method, ha1, body }: DigestedRequest): string {
  return keyedDigest(fields, ha1, `${method}:${fields.uri}`, body);
}

/**
 * What follows HA1 in what the response is the hash of, from its first colon on: with it somebody else, who has HA1, can
 * verify the response. Not of a `-sess` algorithm, in which HA1 itself depends on the nonce.
 */
export function digestedPart(fields: DigestFields, method: string, body: Buffer): string {
  return afterKey(fields, `${method}:${fields.uri}`, body);
}

/** Whether the credentials were made with the password that `ha1` stands for. Takes the same time either way. */
export function verifyResponse(credentials: DigestCredentials, request: DigestedRequest): boolean {
  const expected = Buffer.from(computeResponse(credentials, request), 'latin1');
  const given = Buffer.from(credentials.response, 'latin1');
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/**
 * The value of Authentication-Info (RFC 7616 §3.5): proves that the server knows the password too, and may hand out the
 * next nonce. `ha1` and `body`, which is the response's, are as for `computeResponse`.
 */
export function formatAuthenticationInfo(
  credentials: DigestCredentials,
  { ha1, body, nextNonce }: { ha1: string; body: Buffer; nextNonce?: string },
): string {
  const { qop, cnonce, nc } = credentials;
  const next = nextNonce === undefined ? [] : [`nextnonce="${nextNonce}"`];
  // Without qop there is no rspauth (RFC 2617 §3.2.3).
  if (qop === undefined) return next.join(', ');
  const proof = keyedDigest(credentials, ha1, `:${credentials.uri}`, body);
  const quotedCnonce = cnonce?.replace(/["\\]/g, '\\$&');
  return [...next, `qop=${qop}`, `rspauth="${proof}"`, `cnonce="${quotedCnonce}"`, `nc=${nc}`].join(', ');
}

function keyedDigest(fields: DigestFields, ha1: string, a2: string, body: Buffer): string {
  const { algorithm, session, nonce, cnonce } = fields;
  const key = session ? digestHash(algorithm, `${ha1}:${nonce}:${cnonce}`) : ha1;
  return digestHash(algorithm, key + afterKey(fields, a2, body));
}

function afterKey({ algorithm, nonce, qop, nc, cnonce }: DigestFields, a2: string, body: Buffer): string {
  const ha2 = digestHash(algorithm, qop === 'auth-int' ? `${a2}:${digestHash(algorithm, body)}` : a2);
  const middle = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  return `:${middle}:${ha2}`;
}
