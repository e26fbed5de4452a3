import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByBranch } from './by-branch.ts';

interface Entry {
  branch: string;
  method: string;
  next: Entry | undefined;
}

const entry = (branch: string, method: string): Entry => ({ branch, method, next: undefined });

test('finds what a map of branch and method would, also among branches of one hash', () => {
  // Only the first 31 characters are hashed, so these share theirs.
  const branches = ['a', 'b'].flatMap((first) => ['x', 'y', 'z'].map((last) => `z9hG4bK${first.repeat(24)}${last}`));
  const key = fc.record({ branch: fc.constantFrom(...branches), method: fc.constantFrom('INVITE', 'CANCEL') });
  fc.assert(
    fc.property(fc.array(fc.record({ key, add: fc.boolean() })), (steps) => {
      const map = new Map<string, Entry>();
      const under = new ByBranch<Entry>();
      for (const { key: one, add } of steps) {
        const name = `${one.branch} ${one.method}`;
        const known = map.get(name);
        if (add && !known) {
          const made = entry(one.branch, one.method);
          map.set(name, made);
          under.add(made);
        } else if (!add && known) {
          map.delete(name);
          under.delete(known);
        }
        expect(under.get(one.branch, one.method)).toBe(map.get(name));
        expect(under.size).toBe(map.size);
      }
      expect(new Set(under.values())).toEqual(new Set(map.values()));
    }),
  );
});

test('what was deleted is not deleted twice', () => {
  const under = new ByBranch<Entry>();
  const [one, two] = [entry('z9hG4bKone', 'MESSAGE'), entry('z9hG4bKtwo', 'MESSAGE')];
  under.add(one);
  under.add(two);
  under.delete(one);
  under.delete(one);
  expect(under.size).toBe(1);
});
