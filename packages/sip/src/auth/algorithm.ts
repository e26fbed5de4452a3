import { hash } from 'node:crypto';

/** RFC 7616 §6.1. */
export type DigestAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256';

/** Strongest first. */
export const DIGEST_ALGORITHMS = ['SHA-512-256', 'SHA-256', 'MD5'] as const satisfies readonly DigestAlgorithm[];

const HASHES = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;
/** Of a hash in hexadecimal digits. */
export const DIGEST_LENGTHS = { MD5: 32, 'SHA-256': 64, 'SHA-512-256': 64 } as const;

/** H(data) of RFC 7616 §3.3, in lower-case hexadecimal digits. */
export function digestHash(algorithm: DigestAlgorithm, data: string | Buffer): string {
  return hash(HASHES[algorithm], data, 'hex');
}
