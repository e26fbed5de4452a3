import type { SrvRecord } from 'node:dns';

/**
 * SRV records in the order to try (RFC 2782): by priority, and within one at random, each as often the first as its
 * weight says. `random` returns a number from 0 to below 1.
 */
export function inOrderOfService(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  // Those of weight 0 go first, so that they have a very small chance instead of none.
  const left = records.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight);
  const ordered: SrvRecord[] = [];
  while (left.length > 0) {
    const { priority } = left[0]!;
    const last = left.findLastIndex((record) => record.priority === priority);
    const total = left.slice(0, last + 1).reduce((sum, { weight }) => sum + weight, 0);
    // RFC 2782: an integer from 0 to the sum, both included.
    const drawn = Math.floor(random() * (total + 1));
    let sum = 0;
    const chosen = left.findIndex(({ weight }) => {
      sum += weight;
      return sum >= drawn;
    });
    ordered.push(...left.splice(chosen, 1));
  }
  return ordered;
}
