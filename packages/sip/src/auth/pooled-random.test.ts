import { expect, test } from 'vitest';
import { pooledRandom } from './pooled-random.ts';

test('each byte is given out once, whatever is asked for', () => {
  let drawn = 0;
  const random = pooledRandom((size) => Buffer.from(Array.from({ length: size }, () => drawn++ % 251)));
  const sizes = [12, 16, 4090, 12, 5000, 1];
  for (const size of sizes) expect(random(size)).toHaveLength(size);
  expect([...random(3)]).toEqual([1, 2, 3].map((next) => (drawn - 4096 + next) % 251));
});

test('by default the bytes are random', () => {
  const random = pooledRandom();
  expect(new Set(Array.from({ length: 1000 }, () => random(12).toString('hex'))).size).toBe(1000);
});
