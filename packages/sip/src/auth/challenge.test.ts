import { expect, test } from 'vitest';
import { formatChallenges } from './challenge.ts';

const challenge = { realm: 'example.org', nonce: 'n', algorithms: ['MD5'], qop: ['auth'] } as const;

test('one challenge for each algorithm, the strongest first whatever the order given', () => {
  expect(formatChallenges({ ...challenge, algorithms: ['MD5', 'SHA-512-256', 'SHA-256'] })).toEqual([
    'Digest realm="example.org", nonce="n", algorithm=SHA-512-256, qop="auth"',
    'Digest realm="example.org", nonce="n", algorithm=SHA-256, qop="auth"',
    'Digest realm="example.org", nonce="n", algorithm=MD5, qop="auth"',
  ]);
});

test('stale, opaque and auth-int when they are asked for', () => {
  expect(formatChallenges({ ...challenge, qop: ['auth', 'auth-int'], stale: true, opaque: 'o' })).toEqual([
    'Digest realm="example.org", nonce="n", opaque="o", stale=TRUE, algorithm=MD5, qop="auth,auth-int"',
  ]);
});

test('a realm with quotes in it stays one quoted string', () => {
  expect(formatChallenges({ ...challenge, realm: 'a"b\\c' })[0]).toContain('realm="a\\"b\\\\c",');
});
