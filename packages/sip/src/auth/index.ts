export { DIGEST_ALGORITHMS, type DigestAlgorithm } from './algorithm.ts';
export { ATTEMPT_LIMITS, type Attempt, AttemptLimiter, type AttemptLimits, makeAttempt } from './attempt-limiter.ts';
export { type Challenge, formatChallenges } from './challenge.ts';
export { type DigestCredentials, parseCredentials } from './credentials.ts';
export {
  computeResponse,
  type DigestedRequest,
  type DigestFields,
  digestedPart,
  formatAuthenticationInfo,
  ha1,
  verifyResponse,
} from './digest.ts';
export { FailureLimiter, type FailureLimits } from './failure-limiter.ts';
export { type Hmac, hmacSha256 } from './hmac.ts';
export { newAppPassword, newPassword } from './new-password.ts';
export { NonceIssuer, type NonceIssuerOptions, type NonceKey, type NonceVerdict } from './nonce.ts';
export { pooledRandom } from './pooled-random.ts';
export { RecentMap } from './recent-map.ts';
export { type SealKey, seal, unseal } from './seal.ts';
