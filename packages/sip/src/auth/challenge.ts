import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './algorithm.ts';

export interface Challenge {
  realm: string;
  /** From `NonceIssuer.issue`. One nonce serves all algorithms. */
  nonce: string;
  /** In any order. Some clients (SIPp 3.6, baresip 1.0) give up when any of the challenges is not MD5. */
  algorithms: readonly DigestAlgorithm[];
  qop: readonly ('auth' | 'auth-int')[];
  /** The credentials were good but for the age of the nonce: the client need not ask its user again. */
  stale?: boolean;
  opaque?: string;
}

/**
 * The values of WWW-Authenticate or Proxy-Authenticate: one for each algorithm, each a header field line of its own,
 * the strongest first, since a client takes the first that it knows (RFC 8760 §2.3 and §2.4).
 */
export function formatChallenges({ realm, nonce, algorithms, qop, stale = false, opaque }: Challenge): string[] {
  const parameters = [`realm="${realm.replace(/["\\]/g, '\\$&')}"`, `nonce="${nonce}"`];
  if (opaque !== undefined) parameters.push(`opaque="${opaque}"`);
  if (stale) parameters.push('stale=TRUE');
  const shared = parameters.join(', ');
  return DIGEST_ALGORITHMS.filter((algorithm) => algorithms.includes(algorithm)).map(
    (algorithm) => `Digest ${shared}, algorithm=${algorithm}, qop="${qop.join(',')}"`,
  );
}
