import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NonceIssuer, type NonceKey } from './nonce.ts';

const OLD: NonceKey = { id: 7, secret: Buffer.alloc(32, 7) };
const NEW: NonceKey = { id: 200, secret: Buffer.alloc(32, 9) };

function frontEnd(keys: NonceKey[] = [OLD], random: (limit: number) => number = () => 0) {
  const time = { now: 1_795_000_000_000 };
  const issuer = new NonceIssuer({ keys: () => keys, lifetimeSeconds: 300, clock: () => time.now, random });
  return { issuer, time };
}

describe('a nonce', () => {
  test('is good at once, on this front end and on another with the same key', () => {
    const { issuer, time } = frontEnd();
    const nonce = issuer.issue();
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(issuer.check(nonce)).toMatchObject({ ok: true, issuedAt: time.now });
    expect(frontEnd().issuer.check(nonce)).toMatchObject({ ok: true, issuedAt: time.now });
  });

  test('expires with the millisecond', () => {
    const { issuer, time } = frontEnd();
    const nonce = issuer.issue();
    time.now += 300_000;
    expect(issuer.check(nonce)).toMatchObject({ ok: true });
    time.now += 1;
    expect(issuer.check(nonce)).toEqual({ ok: false, reason: 'expired' });
  });

  test('of a front end whose clock runs ahead is good, but not for ever', () => {
    const ahead = frontEnd();
    ahead.time.now += 5_000;
    expect(frontEnd().issuer.check(ahead.issuer.issue())).toMatchObject({ ok: true });
    ahead.time.now += 300_000;
    expect(frontEnd().issuer.check(ahead.issuer.issue())).toEqual({ ok: false, reason: 'expired' });
  });

  test('outlives the rotation of keys, and is stale, not wrong, when its key is gone or not yet here', () => {
    const nonce = frontEnd([OLD]).issuer.issue();
    expect(frontEnd([NEW, OLD]).issuer.check(nonce)).toMatchObject({ ok: true });
    expect(frontEnd([NEW]).issuer.check(nonce)).toEqual({ ok: false, reason: 'expired' });
    expect(frontEnd([OLD]).issuer.check(frontEnd([NEW, OLD]).issuer.issue())).toEqual({ ok: false, reason: 'expired' });
  });

  test('signed with another secret of the same number is forged', () => {
    const forger = frontEnd([{ id: OLD.id, secret: NEW.secret }]).issuer;
    expect(frontEnd().issuer.check(forger.issue())).toEqual({ ok: false, reason: 'forged' });
  });

  test('a secret that is replaced under its number is used from then on', () => {
    const keys = [OLD];
    const { issuer } = frontEnd(keys);
    const nonce = issuer.issue();
    keys[0] = { id: OLD.id, secret: NEW.secret };
    expect(issuer.check(nonce)).toEqual({ ok: false, reason: 'forged' });
  });

  test('is not made without a key', () => {
    expect(() => frontEnd([]).issuer.issue()).toThrow();
  });
});

describe('its id', () => {
  const idOf = (issuer: NonceIssuer) => {
    const verdict = issuer.check(issuer.issue());
    if (!verdict.ok) throw new Error(verdict.reason);
    return verdict.id;
  };

  test('has the time in its upper bits and fits 63 bits', () => {
    const { issuer, time } = frontEnd([OLD], (limit) => limit - 1);
    const id = idOf(issuer);
    expect(id >> 21n).toBe(BigInt(time.now));
    expect(id & 0x1fffffn).toBe(0x1fffffn);
    expect(id < 1n << 63n).toBe(true);
  });

  test('rises and is never given twice, even within a millisecond or when the clock goes back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -2, max: 2 }), fc.nat(0x1fffff))), (steps) => {
        let random = 0;
        const { issuer, time } = frontEnd([OLD], () => random);
        let last = 0n;
        for (const [step, next] of steps) {
          time.now += step;
          random = next;
          const id = idOf(issuer);
          expect(id > last).toBe(true);
          last = id;
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('anything else', () => {
  test('one changed character is forged, or the key is unknown', () => {
    const { issuer } = frontEnd();
    const nonce = issuer.issue();
    fc.assert(
      fc.property(fc.nat(31), fc.constantFrom(...'ABCXYZabcxyz019-_'), (at, character) => {
        const changed = nonce.slice(0, at) + character + nonce.slice(at + 1);
        if (changed !== nonce) expect(issuer.check(changed).ok).toBe(false);
      }),
    );
  });

  test('never throws', () => {
    const { issuer } = frontEnd();
    const texts = fc.oneof(fc.string(), fc.base64String({ minLength: 32, maxLength: 32 }));
    fc.assert(fc.property(texts, (text) => !issuer.check(text).ok));
    expect(issuer.check('')).toEqual({ ok: false, reason: 'malformed' });
    expect(issuer.check('é'.repeat(32))).toEqual({ ok: false, reason: 'malformed' });
  });
});
