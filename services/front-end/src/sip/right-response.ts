import { randomBytes } from 'node:crypto';
import { type DigestAlgorithm, type DigestCredentials, verifyResponse } from '@rollcall/sip';

/** What nobody's password leads to. */
const DECOYS: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: randomBytes(16).toString('hex'),
  'SHA-256': randomBytes(32).toString('hex'),
  'SHA-512-256': randomBytes(32).toString('hex'),
};

/** An unknown user costs the same work as a wrong password, so that neither answer nor time tells them apart. */
export function isRight(
  { method, body }: { method: string; body: Buffer },
  credentials: DigestCredentials,
  known: string | undefined,
): boolean {
  const ha1 = known ?? DECOYS[credentials.algorithm];
  return verifyResponse(credentials, { method, ha1, body }) && known !== undefined;
}
