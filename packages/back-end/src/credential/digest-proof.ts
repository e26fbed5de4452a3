import { checkText } from '../array-parameter.ts';

/** A Digest response (RFC 7616 §3.4.1) that the back end is to verify: it keeps HA1, and the front end need not see it. */
export interface DigestProof {
  /** The unescaped user part. */
  user: string;
  /** In lower case. */
  domain: string;
  algorithm: 'MD5' | 'SHA-256';
  /** What follows HA1 in what the response is the hash of, from its first colon on. */
  digested: string;
  /** Hexadecimal digits in lower case. */
  response: string;
}

/** Throws InvalidValueError for what the back end cannot store. */
export function checkDigestProof({ user, domain, digested, response }: DigestProof): void {
  checkText('user', user);
  checkText('domain', domain);
  checkText('digested text', digested);
  checkText('response', response);
}
