import { createCipheriv, createHmac, hash, hkdfSync, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { seal, unseal } from './seal.ts';

const key = () => ({ id: 1, secret: randomBytes(32) });

test('a token never has the letters that SIPp takes for a header field', () => {
  // The token is the key's id, then this, in base64url.
  const unlucky = Buffer.concat([Buffer.from('AACSeq', 'base64url').subarray(0, 2), Buffer.alloc(10)]);
  Buffer.from('CSeq', 'base64url').copy(unlucky, 2);
  const own = key();
  const random = (bytes: number) => Buffer.concat([unlucky, randomBytes(bytes - unlucky.length)]);
  const token = seal(Buffer.from('alice'), own, random, 'call');
  expect(token.slice(0, 8)).not.toContain('CSeq');
  expect(token).not.toContain('CSeq');
  expect(unseal(token, 5, [own], 'call')?.toString()).toBe('alice');
});

test.each(['', 'call', 'x'.repeat(128), 'x'.repeat(129), 'ü'.repeat(128), '\u{1F4DE}'.repeat(64)])(
  'is AES-256-CTR and HMAC-SHA256 of all of it, as written down (owner %#)',
  (owner) => {
    const own = key();
    const plain = randomBytes(24);
    const token = Buffer.from(seal(plain, own, randomBytes, owner), 'base64url');
    const derived = (use: string) => Buffer.from(hkdfSync('sha256', own.secret, '', `rollcall seal ${use}`, 32));
    const counter = Buffer.concat([token.subarray(1, 13), Buffer.alloc(4)]);
    const cipher = createCipheriv('aes-256-ctr', derived('encryption'), counter);
    expect(token.subarray(13, -12)).toEqual(cipher.update(plain));
    const named = Buffer.from(owner.length > 128 ? hash('sha256', owner) : owner);
    const head = Buffer.from([owner.length > 128 ? 1 : 0, named.length >> 8, named.length & 255, token.length - 12]);
    const message = Buffer.concat([head, named, token.subarray(0, -12)]);
    const padded = Buffer.concat([message, Buffer.alloc(-message.length & 63)]);
    const code = createHmac('sha256', derived('authentication')).update(padded).digest();
    expect(token.subarray(-12)).toEqual(code.subarray(0, 12));
  },
);

test('only its owner reads it, however alike another is', () => {
  const own = key();
  for (const owner of ['', 'a', 'a\0', 'x'.repeat(128), 'x'.repeat(129), 'x'.repeat(5000)]) {
    const token = seal(Buffer.from('alice'), own, randomBytes, owner);
    expect(unseal(token, 5, [own], owner)?.toString()).toBe('alice');
    for (const other of [`${owner}\0`, `${owner}x`, owner.slice(0, -1), hash('sha256', owner)]) {
      if (other !== owner) expect(unseal(token, 5, [own], other)).toBeUndefined();
    }
  }
});

test('no nonce is used twice', () => {
  const own = key();
  const nonces = Array.from({ length: 1000 }, () => seal(Buffer.from('a'), own, randomBytes).slice(0, 17));
  expect(new Set(nonces).size).toBe(1000);
});
