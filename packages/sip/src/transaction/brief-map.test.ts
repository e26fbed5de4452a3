import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BriefMap } from './brief-map.ts';

test('it is a map', () => {
  const step = fc.record({ key: fc.nat(5), action: fc.constantFrom('set', 'delete') });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const [brief, plain] = [new BriefMap<number, { at: number }>(), new Map<number, { at: number }>()];
      for (const [at, { key, action }] of steps.entries()) {
        if (action === 'set') for (const map of [brief, plain]) map.set(key, { at });
        else for (const map of [brief, plain]) map.delete(key);
      }
      expect([brief.size, brief.values()]).toEqual([plain.size, [...plain.values()]]);
      for (let key = 0; key <= 5; key++) expect(brief.get(key)).toEqual(plain.get(key));
    }),
  );
});

test('what is done with the values may delete them', () => {
  const map = new BriefMap<string, { name: string }>();
  for (const name of ['a', 'b', 'c']) map.set(name, { name });
  for (const { name } of map.values()) map.delete(name);
  expect(map.size).toBe(0);
});
