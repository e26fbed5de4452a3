import { expect, test } from 'vitest';
import { pooledRandom } from '../auth/index.ts';
import { branches } from './branch.ts';

test('branches have the magic cookie and never repeat', () => {
  const branch = branches();
  const made = new Set(Array.from({ length: 10_000 }, branch));
  expect(made.size).toBe(10_000);
  for (const each of made) expect(each).toMatch(/^z9hG4bK[0-9a-f]{24}$/);
});

test('they are made from the randomness passed in', () => {
  const branch = branches(pooledRandom((size) => Buffer.from(Array.from({ length: size }, (_, at) => at % 256))));
  expect(branch()).toBe('z9hG4bK000102030405060708090a0b');
  expect(branch()).toBe('z9hG4bK0c0d0e0f1011121314151617');
});
