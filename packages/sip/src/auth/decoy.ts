import type { DigestAlgorithm } from './algorithm.ts';
import { ha1 } from './digest.ts';

/**
 * An HA1 for an account that does not exist: check the credentials against it as if it were real, so that neither the
 * answer nor its time tells whether the account exists. Make it for every attempt, needed or not, for the same reason;
 * it costs one hash. The same user always gets the same, and only `secret` as a password would lead to it.
 */
export function decoyHa1(secret: Buffer, algorithm: DigestAlgorithm, user: string): string {
  return ha1(algorithm, user, '', secret.toString('base64'));
}
