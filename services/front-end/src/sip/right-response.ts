import { randomBytes } from 'node:crypto';
import type { Credentials } from '@rollcall/back-end';
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

/** The HA1 that the response was made with: of the account's own password, or of one of its app passwords. */
export function findRight(
  request: { method: string; body: Buffer },
  credentials: DigestCredentials,
  account: Credentials | undefined,
): string | undefined {
  const { algorithm } = credentials;
  // All of them are tried, whichever is right.
  const own = account?.enabled ? account.ha1?.[algorithm] : undefined;
  let right = isRight(request, credentials, own) ? own : undefined;
  for (const ha1 of account?.enabled ? account.appPasswords : []) {
    if (isRight(request, credentials, ha1[algorithm])) right = ha1[algorithm];
  }
  return right;
}
