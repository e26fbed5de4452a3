import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTemporaryGruu, publicGruu, readTemporaryGruu } from './index.ts';

const key = { id: 3, secret: randomBytes(32) };

describe('GRUU (RFC 5627)', () => {
  it('makes the public GRUU of an instance from its URN', () => {
    expect(publicGruu('sip:callee@example.com', '<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>')).toBe(
      'sip:callee@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    );
  });

  it('escapes what could end the parameter', () => {
    expect(publicGruu('sip:a@example.com', '<urn:x;y=z>')).toBe('sip:a@example.com;gr=urn:x%3By%3Dz');
    expect(publicGruu('sip:a@example.com', '<urn:x-\u{1f4de}>')).toBe('sip:a@example.com;gr=urn:x-%F0%9F%93%9E');
    expect(publicGruu('sip:a@example.com', '<urn:x-\ud83d>')).toBe('sip:a@example.com;gr=urn:x-%EF%BF%BD');
  });

  it('is read back by any front end that holds the key, and differs each time', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (accountId, endpointId, incarnation) => {
        const target = { accountId, endpointId, incarnation };
        const one = makeTemporaryGruu(target, key, randomBytes);
        expect(makeTemporaryGruu(target, key, randomBytes)).not.toBe(one);
        expect(readTemporaryGruu(one, [{ id: 9, secret: randomBytes(32) }, key])).toEqual(target);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses what is forged, cut, of another key or no GRUU at all', () => {
    const gruu = makeTemporaryGruu({ accountId: 1, endpointId: 2, incarnation: 3 }, key, randomBytes);
    const flipped = gruu.slice(0, -2) + (gruu.at(-2) === 'A' ? 'B' : 'A') + gruu.at(-1);
    for (const user of [flipped, gruu.slice(0, -4), `${gruu}AAAA`, 'alice', 'tgruu.', `tgruu.${'A'.repeat(5000)}`]) {
      expect(readTemporaryGruu(user, [key])).toBeUndefined();
    }
    expect(readTemporaryGruu(gruu, [{ id: 3, secret: randomBytes(32) }])).toBeUndefined();
    expect(readTemporaryGruu(gruu, [])).toBeUndefined();
  });
});
