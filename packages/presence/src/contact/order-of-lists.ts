/**
 * One order of all that stands in several lists, in which each list keeps its own order wherever they do not contradict each other
 * (Kahn's algorithm; the one that came first goes first). So a contact list that was written is read in the order that it had in
 * each of its groups.
 */
export function orderOf(lists: readonly (readonly string[])[]): string[] {
  const after = new Map<string, string[]>();
  const before = new Map<string, number>();
  for (const list of lists) {
    for (const [n, item] of list.entries()) {
      if (!before.has(item)) before.set(item, 0);
      if (n === 0) continue;
      const previous = list[n - 1]!;
      const followers = after.get(previous);
      if (followers === undefined) after.set(previous, [item]);
      else followers.push(item);
      before.set(item, before.get(item)! + 1);
    }
  }
  const order: string[] = [];
  const waiting = new Set(before.keys());
  while (waiting.size > 0) {
    // Where they contradict each other nothing is free: then the first goes all the same.
    const item = first(waiting, (one) => before.get(one) === 0) ?? first(waiting, () => true)!;
    waiting.delete(item);
    order.push(item);
    for (const next of after.get(item) ?? []) before.set(next, before.get(next)! - 1);
  }
  return order;
}

function first(items: Iterable<string>, isFree: (item: string) => boolean): string | undefined {
  for (const item of items) if (isFree(item)) return item;
  return undefined;
}
