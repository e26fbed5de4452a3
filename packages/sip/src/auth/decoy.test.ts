import { expect, test } from 'vitest';
import { decoyHa1, ha1, parseCredentials, verifyResponse } from './index.ts';

const SECRET = Buffer.alloc(32, 1);

test('a user who does not exist has an HA1 of the usual length, always the same, and of no other user', () => {
  for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256'] as const) {
    const decoy = decoyHa1(SECRET, algorithm, 'nobody@example.org');
    expect(decoy).toHaveLength(ha1(algorithm, 'a', 'b', 'c').length);
    expect(decoyHa1(SECRET, algorithm, 'nobody@example.org')).toEqual(decoy);
    expect(decoyHa1(SECRET, algorithm, 'noone@example.org')).not.toEqual(decoy);
    expect(decoyHa1(Buffer.alloc(32, 2), algorithm, 'nobody@example.org')).not.toEqual(decoy);
  }
});

test('no password is right for it', () => {
  const credentials = parseCredentials(
    `Digest username="nobody", realm="r", nonce="n", uri="u", response="${'0'.repeat(32)}"`,
  )!;
  const request = { method: 'REGISTER', ha1: decoyHa1(SECRET, 'MD5', 'nobody'), body: Buffer.alloc(0) };
  expect(verifyResponse(credentials, request)).toBe(false);
});
