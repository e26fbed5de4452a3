import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentMap } from './recent-map.ts';

test('holds the latest half of its maximum, and never more than the maximum', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.array(fc.nat(40)), (maximum, keys) => {
      const map = new RecentMap<number>(maximum);
      for (const key of keys) map.set(String(key), key);
      expect(map.size).toBeLessThanOrEqual(maximum);
      const latest = new Set(keys.toReversed().slice(0, Math.floor(maximum / 2)));
      for (const key of latest) expect(map.get(String(key))).toBe(key);
    }),
  );
});

test('what is deleted is gone from both halves', () => {
  const map = new RecentMap<number>(4);
  for (const [at, key] of ['a', 'b', 'a', 'c', 'a'].entries()) map.set(key, at);
  map.delete('a');
  expect(map.get('a')).toBeUndefined();
});
