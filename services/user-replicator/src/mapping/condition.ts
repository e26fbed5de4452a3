import type { Condition } from './mapping.ts';
import { readTime } from './time.ts';
import type { Values } from './values.ts';

/** The first condition that holds. */
export function firstThatHolds(conditions: readonly Condition[], values: Values, now: Date): Condition | undefined {
  return conditions.find((condition) => holds(condition, values, now));
}

function holds({ attribute, is, bits, past }: Condition, values: Values, now: Date): boolean {
  const found = values.all(attribute);
  if (is !== undefined) {
    const wanted = new Set([is].flat().map((text) => text.toLowerCase()));
    return found.some((text) => wanted.has(text.toLowerCase()));
  }
  if (bits !== undefined)
    return found.some((text) => /^-?\d{1,15}$/.test(text) && (BigInt(text) & BigInt(bits)) !== 0n);
  if (past) return found.some((text) => (readTime(text)?.getTime() ?? Number.POSITIVE_INFINITY) <= now.getTime());
  return found.length > 0;
}
