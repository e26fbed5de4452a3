import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashKey, KeyHash } from './key-hash.ts';

const hashOf = (texts: readonly string[]) => texts.reduce((hash, text) => hash.add(text), new KeyHash()).value;

test('the same texts have the same number, others another one, also when they read the same joined', () => {
  const texts = fc.array(fc.string({ maxLength: 20 }), { maxLength: 4 });
  fc.assert(
    fc.property(texts, texts, (some, others) => {
      expect(hashOf(some)).toBe(hashOf([...some]));
      expect(Number.isSafeInteger(hashOf(some))).toBe(true);
      if (JSON.stringify(some) !== JSON.stringify(others)) expect(hashOf(some)).not.toBe(hashOf(others));
    }),
    { numRuns: 2000 },
  );
});

test('a million keys that differ in little have a million numbers, spread evenly', () => {
  const seen = new Set<number>();
  const tenths = new Array<number>(10).fill(0);
  for (let at = 0; at < 1_000_000; at++) {
    const value = hashKey(`INVITE 1 z9hG4bK-${at % 1000}-${Math.floor(at / 1000)}-1 127.0.0.1:5060 tcp:${at % 7}`);
    seen.add(value);
    tenths[Math.floor((value / 2 ** 53) * 10)]! += 1;
  }
  expect(seen.size).toBe(1_000_000);
  for (const count of tenths) expect(Math.abs(count - 100_000)).toBeLessThan(2_000);
});

test('numbers count as well', () => {
  const numbers = Array.from({ length: 10_000 }, (_, at) => new KeyHash().add('BYE').addNumber(at).value);
  expect(new Set(numbers).size).toBe(10_000);
});
