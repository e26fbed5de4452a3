import { expect, test } from 'vitest';
import { ByKey, TransactionKey } from './by-key.ts';

interface Named {
  name: string;
}

class ByName extends ByKey<Named> {
  protected override isOf(value: Named, key: TransactionKey): boolean {
    return value.name === key.text;
  }
}

/** Two texts that share their number: there are some among 300,000. */
function sharing(): [TransactionKey, TransactionKey] {
  const seen = new Map<number, TransactionKey>();
  for (let count = 0; count < 1_000_000; count++) {
    const key = new TransactionKey(`REGISTER ${count} z9hG4bK-${count} 192.0.2.1:5060`);
    const other = seen.get(key.hash);
    if (other) return [other, key];
    seen.set(key.hash, key);
  }
  throw new Error('no two of a million share their number');
}

test('two keys that share their number are two keys', () => {
  const [one, two] = sharing();
  const map = new ByName();
  map.add(one, { name: one.text });
  expect(map.get(two)).toBeUndefined();
  map.delete(two);
  map.add(two, { name: two.text });
  expect([map.size, map.get(one)?.name, map.get(two)?.name]).toEqual([2, one.text, two.text]);
  expect(map.values().map(({ name }) => name)).toEqual([one.text, two.text]);
  map.delete(one);
  expect([map.size, map.get(one), map.get(two)?.name]).toEqual([1, undefined, two.text]);
  map.delete(two);
  map.delete(two);
  expect([map.size, map.get(two)]).toEqual([0, undefined]);
});
